// Asks now and then how far a long document has come, and shows the page anew when there is something to see.
// Without this script the page does so itself every few seconds.
(function () {
  "use strict";
  const EVERY = 1500; // milliseconds
  const box = document.querySelector("[data-progress]");
  const bar = box.querySelector("progress");

  function show(told) {
    const phase = box.querySelector("[data-phase]");
    if (phase.textContent !== told.phase) phase.textContent = told.phase;
    box.querySelector("[data-seconds]").textContent = told.seconds;
    if (told.total) { bar.max = told.total; bar.value = told.done; } else bar.removeAttribute("value");
  }

  async function ask() {
    try {
      const answer = await fetch(box.dataset.progress, { credentials: "same-origin" });
      const told = answer.ok && !answer.redirected ? await answer.json() : { under_way: false };
      if (!told.under_way) { window.location.reload(); return; }
      show(told);
    } catch (unreachable) { /* the next time */ }
    window.setTimeout(ask, EVERY);
  }
  window.setTimeout(ask, EVERY / 3);
})();
