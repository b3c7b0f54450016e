// The list of items: ticking rows, walking through them by keys, the bar of what may be done with many.
(function () {
  "use strict";
  var last = null;

  function boxes() {
    return Array.prototype.slice.call(document.querySelectorAll('#bulk input[name="numbers"]'));
  }

  function show() {
    var form = document.getElementById("bulk");
    if (!form) return;
    var all = boxes();
    var count = all.filter(function (box) { return box.checked; }).length;
    form.classList.add("live");
    form.classList.toggle("picked", count > 0);
    form.querySelector("[data-count]").textContent = "已勾选 " + count + " 项";
    form.querySelector("[data-none]").hidden = count === 0;
    var whole = form.querySelector("[data-all]");
    whole.checked = count === all.length;
    whole.indeterminate = count > 0 && count < all.length;
    all.forEach(function (box) { box.closest("tr").classList.toggle("ticked", box.checked); });
  }

  function tickAll(checked) {
    boxes().forEach(function (box) { box.checked = checked; });
    show();
  }

  function extend(box) {
    // From the row that was clicked last to this one, as this one now is.
    var all = boxes();
    var ends = [all.indexOf(last), all.indexOf(box)].sort(function (a, b) { return a - b; });
    if (ends[0] >= 0) all.slice(ends[0], ends[1] + 1).forEach(function (each) { each.checked = box.checked; });
  }

  document.addEventListener("click", function (event) {
    var box = event.target.closest('#bulk input[name="numbers"]');
    if (box) {
      if (event.shiftKey && last) extend(box);
      last = box;
      show();
    } else if (event.target.closest("[data-all]")) {
      tickAll(event.target.checked);
    } else if (event.target.closest("[data-none]")) {
      tickAll(false);
    }
  });

  function row(step) {
    var all = boxes();
    var here = all.findIndex(function (box) { return box.closest("tr").contains(document.activeElement); });
    var next = all[Math.min(Math.max(here + step, 0), all.length - 1)];
    if (next) next.focus();
  }

  document.addEventListener("keydown", function (event) {
    var target = event.target;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && target.type !== "checkbox") return;
    if (event.key === "j") row(1);
    else if (event.key === "k") row(-1);
    else if (event.key === "Enter" && target.name === "numbers") target.closest("tr").querySelector("a").click();
    else if (event.key === "Escape" && !document.querySelector("dialog[open]")) tickAll(false);
    else return;
    event.preventDefault();
  });

  // What was left empty does not go into the address.
  document.addEventListener("htmx:configRequest", function (event) {
    if (event.target.id !== "filters") return;
    var values = event.detail.formData;
    Array.from(values.keys()).forEach(function (name) {
      var kept = values.getAll(name).filter(function (value) { return value !== ""; });
      values.delete(name);
      kept.forEach(function (value) { values.append(name, value); });
    });
  });
  document.addEventListener("htmx:afterSettle", show);

  // A page that is loaded again has nothing done anew to tell.
  var address = new URL(location.href);
  ["done", "moved", "undone", "nudged", "saved", "deleted"].forEach(function (name) { address.searchParams.delete(name); });
  if (address.href !== location.href) history.replaceState(history.state, "", address);
  show();
})();
