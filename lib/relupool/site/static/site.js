/* Printing: light colours whatever the page shows, and everything that is folded, open; afterwards as it was. */
(function () {
  var root = document.documentElement, theme, shut = [];
  addEventListener("beforeprint", function () {
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    shut = Array.prototype.slice.call(document.querySelectorAll("details:not([open]):not(.fig-tools)"));
    shut.forEach(function (box) { box.open = true; });
  });
  addEventListener("afterprint", function () {
    root.dataset.theme = theme;
    shut.forEach(function (box) { box.open = false; });
  });
})();

/* The gallery's choices: only figures that belong to all of them; without this script all figures are shown. */
(function () {
  var list = document.getElementById("gallery"), form = document.querySelector(".gallery-choice");
  if (!list || !form) return;
  var choices = Array.prototype.slice.call(form.querySelectorAll("select"));
  function apply() {
    var shown = 0;
    Array.prototype.forEach.call(list.children, function (entry) {
      entry.hidden = !choices.every(function (choice) {
        return choice.value === "" || entry.dataset[choice.dataset.by].split(" ").indexOf(choice.value) >= 0;
      });
      shown += !entry.hidden;
    });
    form.querySelector("output").textContent = shown + (shown === 1 ? " figure" : " figures");
  }
  form.hidden = false;
  form.addEventListener("change", apply);
  apply();
})();

/* What the theme's buttons do; the page's policy allows no handlers in the HTML. */
(function () {
  var does = { print: function () { print(); }, fullscreen: function () { toggleFullScreen(); } };
  document.querySelectorAll("[data-does]").forEach(function (button) {
    button.addEventListener("click", does[button.dataset.does]);
  });
})();

/* From a file:// the search cannot fetch the pages it has found, so it lists them without their first words. */
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

/* A formula wider than its page can be scrolled, by keyboard too; one that stands in a line gets a line of its own. */
(function () {
  function mark() {
    document.querySelectorAll("mjx-container").forEach(function (formula) {
      var drawn = formula.querySelector("svg"), displayed = formula.hasAttribute("display");
      var wide = !displayed && drawn && drawn.clientWidth > formula.closest("p, li, td, div").clientWidth;
      formula.classList.toggle("wide", !!wide);
      if ((displayed || wide) && formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
      else formula.removeAttribute("tabindex");
    });
  }
  addEventListener("load", function () {
    var typeset = window.MathJax && window.MathJax.startup && window.MathJax.startup.promise;
    Promise.resolve(typeset).then(mark);
  });
  addEventListener("resize", mark);
})();
