/* Printing: light colours whatever the page shows, and everything that is folded, open; afterwards as it was. */
(function () {
  var root = document.documentElement, theme, shut = [];
  addEventListener("beforeprint", function () {
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    shut = Array.prototype.slice.call(document.querySelectorAll("details:not([open]):not(.fig-cite)"));
    shut.forEach(function (box) { box.open = true; });
  });
  addEventListener("afterprint", function () {
    root.dataset.theme = theme;
    shut.forEach(function (box) { box.open = false; });
  });
})();

/* A choice that shows only those entries of a list that belong to it; without this script all are shown. */
(function () {
  document.querySelectorAll("select[data-filter]").forEach(function (choice) {
    var list = document.getElementById(choice.dataset.filter), told = choice.closest("p").querySelector("output");
    function apply() {
      var shown = 0;
      Array.prototype.forEach.call(list.children, function (entry) {
        entry.hidden = choice.value !== "" && entry.dataset.chapter !== choice.value;
        shown += !entry.hidden;
      });
      told.textContent = shown + (shown === 1 ? " figure" : " figures");
    }
    choice.closest("p").hidden = false;
    choice.addEventListener("change", apply);
    apply();
  });
})();

/* What the theme's buttons do; the page's policy allows no handlers in the HTML. */
(function () {
  var does = { print: function () { print(); }, fullscreen: function () { toggleFullScreen(); } };
  document.querySelectorAll("[data-does]").forEach(function (button) {
    button.addEventListener("click", does[button.dataset.does]);
  });
})();
