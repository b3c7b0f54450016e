// Keeps the source in step with the findings beside it: the line of the finding that is on top, pointed at or has the
// focus is shown and marked. Without this script the links between the two do the same by hand.
(function () {
  "use strict";
  const pane = document.querySelector(".source-pane .lines");
  if (!pane) return;
  let shown = null;

  function show(row) {
    const line = document.getElementById(row.dataset.line);
    if (!line || line === shown || pane.offsetParent === null) return;
    if (shown) shown.classList.remove("here");
    shown = line;
    line.classList.add("here");
    pane.scrollTop = line.offsetTop - pane.clientHeight / 3;
  }

  const rows = document.querySelectorAll("tr[data-line]");
  let held = false; // by the pointer or the focus, which know better than the scroll bar what is looked at
  for (const row of rows) {
    for (const kind of ["mouseenter", "focusin"]) row.addEventListener(kind, function () { held = true; show(row); });
    for (const kind of ["mouseleave", "focusout"]) row.addEventListener(kind, function () { held = false; });
  }
  if (!("IntersectionObserver" in window)) return;
  // A narrow band near the top of the window: the row that crosses it is the one being read.
  const watch = new IntersectionObserver(function (seen) {
    for (const each of seen) if (each.isIntersecting && !held) show(each.target);
  }, { rootMargin: "-20% 0px -75% 0px" });
  for (const row of rows) watch.observe(row);
})();
