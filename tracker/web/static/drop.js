// Files dropped on the field, or anywhere on its panel, are as good as chosen; what was chosen is listed by name and
// size. The field says so by data-drop, with the most bytes that one file may have.
(function () {
  "use strict";
  const input = document.querySelector("input[data-drop]");
  if (!input) return;
  const zone = input.closest("label");
  const panel = input.form;
  const list = document.createElement("ul");
  list.className = "chosen";
  list.setAttribute("aria-live", "polite");
  zone.after(list);
  zone.classList.add("zone");

  function show() {
    list.textContent = "";
    for (const file of input.files) {
      const line = document.createElement("li");
      const most = Number(input.dataset.drop);
      line.textContent = file.name + "（" + Math.ceil(file.size / 1024) + " KB）" + (file.size > most ? "超过 20 MB，不能上传" : "");
      line.classList.toggle("bad", file.size > most);
      list.appendChild(line);
    }
  }

  function over(event) {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    zone.classList.add("over");
  }
  panel.addEventListener("dragenter", over);
  panel.addEventListener("dragover", over);
  panel.addEventListener("dragleave", function (event) {
    if (!panel.contains(event.relatedTarget)) zone.classList.remove("over");
  });
  panel.addEventListener("drop", function (event) {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    zone.classList.remove("over");
    input.files = event.dataTransfer.files;
    show();
  });
  input.addEventListener("change", show);
})();
