// What is typed on a phone outlives a dropped network and a closed page, until the tab is closed: a telephone is
// shared, so nothing is kept longer. Forms say so by data-draft; files cannot be kept. A page that tells of a step
// that was taken (data-done) forgets the draft of it.
(function () {
  "use strict";
  const KEPT = "textarea, input[type=url], input[type=date], input[name=left]";
  let store = null;
  try { store = window.sessionStorage; store.getItem(""); } catch (refused) { return; }

  const done = document.querySelector("[data-done]");
  if (done) store.removeItem(done.dataset.done);

  function keep(form) {
    const key = form.dataset.draft;
    const fields = [...form.querySelectorAll(KEPT)];
    let kept = {};
    try { kept = JSON.parse(store.getItem(key)) || {}; } catch (broken) { kept = {}; }
    for (const field of fields) if (!field.value && kept[field.name]) field.value = kept[field.name];
    form.addEventListener("input", function () {
      const typed = {};
      for (const field of fields) if (field.value) typed[field.name] = field.value;
      try { store.setItem(key, JSON.stringify(typed)); } catch (full) { /* then this page alone has it */ }
    });
  }

  function begin() {
    for (const form of document.querySelectorAll("form[data-draft]:not([data-kept])")) {
      form.setAttribute("data-kept", "");
      keep(form);
    }
  }
  begin();
  document.addEventListener("page:shown", begin);
})();
