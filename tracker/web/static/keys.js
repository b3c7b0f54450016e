// Keys of the desk's pages: an element with data-key is pressed by that key. Never while somebody types.
(function () {
  "use strict";
  var help = document.getElementById("help");

  function isTyping(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && target.type !== "checkbox";
  }

  function press(element) {
    // A step's form is opened and its first question asked; only a second key sends it.
    if (element.tagName === "DETAILS") {
      element.open = true;
      element.scrollIntoView({ block: "nearest" });
      (element.querySelector("textarea[required], input[required]") || element.querySelector("button[type=submit]")).focus();
    } else {
      element.click();
    }
  }

  document.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
    if (help && help.open) return;
    var search = document.getElementById("q");
    if (event.key === "/" && search) {
      search.focus();
      search.select();
    } else if (event.key === "?" && help && help.showModal) {
      help.showModal();
    } else if (/^[a-z]$/.test(event.key)) {
      var element = document.querySelector('[data-key="' + event.key + '"]');
      if (!element) return;
      press(element);
    } else {
      return;
    }
    event.preventDefault();
  });

  document.addEventListener("click", function (event) {
    if (help && help.showModal && event.target.closest("[data-help]")) help.showModal();
  });

  function reveal() {
    document.querySelectorAll("[data-help]").forEach(function (button) { button.hidden = !help || !help.showModal; });
  }
  document.addEventListener("htmx:afterSettle", reveal);
  reveal();
})();
