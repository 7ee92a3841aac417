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
