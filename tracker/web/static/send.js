// Sends a form with files and shows how far it has come; forms say so by data-send. A network that breaks off leaves
// the form as it was, files included, to be sent again: the server carries out each form only once. Every other form
// is kept from being sent twice by a second tap. Without this script the browser sends them all as it always did.
(function () {
  "use strict";
  const LOST = "网络中断，没有传上去。填写的内容和选好的文件都还在，请再点一次。";

  function say(form, words, isBad) {
    let line = form.querySelector(".sending");
    if (!line) {
      line = document.createElement("p");
      line.className = "sending";
      line.setAttribute("role", "status");
      form.appendChild(line);
    }
    line.classList.toggle("bad", Boolean(isBad));
    line.textContent = words;
  }

  function hold(form, held) {
    form.toggleAttribute("data-sent", held);
    for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = held;
  }

  // A refusal is a page of its own: its main part takes the place of ours, and what was typed stands in it.
  function show(answer) {
    const page = new DOMParser().parseFromString(answer, "text/html");
    const main = page.querySelector("main");
    if (!main) { window.location.reload(); return; }
    document.querySelector("main").replaceWith(main);
    document.dispatchEvent(new Event("page:shown"));
    const told = main.querySelector("[role=alert]") || main;
    told.setAttribute("tabindex", "-1");
    told.focus();
    window.scrollTo(0, 0);
  }

  function send(form) {
    const call = new XMLHttpRequest();
    const here = window.location.href;
    call.open("POST", form.action);
    call.upload.onprogress = function (event) {
      if (!event.lengthComputable) return;
      const part = Math.floor((event.loaded / event.total) * 100);
      say(form, part < 100 ? "正在上传 " + part + "%" : "已上传，正在处理…");
    };
    call.onload = function () {
      if (call.status < 400 && call.responseURL && call.responseURL !== here) window.location.assign(call.responseURL);
      else if (call.status < 400) window.location.reload();
      else show(call.responseText);
    };
    call.onerror = call.ontimeout = function () { hold(form, false); say(form, LOST, true); };
    say(form, "正在上传…");
    call.send(new FormData(form));
  }

  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.hasAttribute("data-sent")) { event.preventDefault(); return; }
    if (form.hasAttribute("data-send")) { event.preventDefault(); send(form); }
    window.setTimeout(function () { hold(form, true); }, 0);
  });
  // Back from the next page the browser may show this one as it was left.
  window.addEventListener("pageshow", function () {
    for (const form of document.querySelectorAll("form[data-sent]")) hold(form, false);
  });
})();
