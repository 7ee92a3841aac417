/* What the elements of the book share (window.relupool): the activations and pools that they offer, a map's windows, numbers
   as they show them, when two are the same, how maps are drawn, and how a part of a page or of a drawing is made. The
   elements' own scripts come after this one. All are classic scripts, since modules do not load from file://. */
(function () {
  "use strict";
  var erf = function (x) {  // Abramowitz and Stegun 7.1.26, error below 1.5e-7
    var t = 1 / (1 + 0.3275911 * Math.abs(x));
    var tail = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
    return Math.sign(x) * (1 - tail * Math.exp(-x * x));
  };
  var RAISED = "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";  // the signs -0123456789 as a power has them
  var SVG = ["svg", "g", "circle", "line", "polyline", "text", "title"];
  var sigmoid = function (x) { return 1 / (1 + Math.exp(-x)); };
  window.relupool = {
    ACTIVATIONS: {
      relu: ["ReLU", function (x) { return Math.max(x, 0); }],
      leaky_relu: ["leaky ReLU, slope 0.2", function (x) { return x > 0 ? x : 0.2 * x; }],
      elu: ["ELU", function (x) { return x > 0 ? x : Math.expm1(x); }],
      softplus: ["softplus", function (x) { return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))); }],
      tanh: ["tanh", Math.tanh],
      sigmoid: ["sigmoid", sigmoid],
      silu: ["SiLU", function (x) { return x * sigmoid(x); }],
      gelu: ["GELU", function (x) { return 0.5 * x * (1 + erf(x / Math.SQRT2)); }],
      abs: ["absolute value", Math.abs],
      square: ["square", function (x) { return x * x; }],
      negative: ["\u2212x", function (x) { return -x; }],
      linear: ["no activation", function (x) { return x; }]
    },
    POOLS: {
      "max": function (xs) { return Math.max.apply(null, xs); },
      "average": function (xs) { return xs.reduce(function (a, b) { return a + b; }, 0) / xs.length; }
    },
    pooled: function (map, side, pool) {  // windows of 3 x 3, 2 apart, where "same" padding puts them; beyond the border is nothing
      var out = Math.ceil(side / 2), before = Math.max(2 * (out - 1) + 3 - side, 0) >> 1;
      return Array.from({ length: out * out }, function (_, place) {
        var top = 2 * Math.floor(place / out) - before, left = 2 * (place % out) - before, inside = [];
        for (var row = Math.max(top, 0); row < Math.min(top + 3, side); row += 1) {
          for (var column = Math.max(left, 0); column < Math.min(left + 3, side); column += 1) {
            inside.push(map[row * side + column]);
          }
        }
        return pool(inside);
      });
    },
    signed: function (limit) {  // the colour of a number: green above zero, pink below, 0 clear; seen on light and on dark pages
      return function (value) {
        return (value < 0 ? [192, 80, 159] : [27, 158, 119]).concat(255 * Math.min(1, Math.abs(value) / limit || 0));
      };
    },
    tiles: function (canvas, values, side, colour) {  // squares of side * side values in a row, each as high as the canvas
      var many = values.length / (side * side), size = canvas.height, pen = canvas.getContext("2d");
      var scratch = relupool.element("canvas", { width: side, height: side }), drawn = scratch.getContext("2d");
      var dots = drawn.createImageData(side, side);
      pen.clearRect(0, 0, canvas.width, size);
      pen.imageSmoothingEnabled = false;
      for (var tile = 0; tile < many; tile += 1) {
        for (var i = 0; i < side * side; i += 1) dots.data.set(colour(values[tile * side * side + i]), 4 * i);
        drawn.putImageData(dots, 0, 0);
        pen.drawImage(scratch, many === 1 ? 0 : Math.round(tile * (canvas.width + 8) / many), 0, size, size);
      }
    },
    shown: function (x) {
      var power = function (_, digits) {
        return "\u00a0\u00d7\u00a010" + digits.replace(/./g, function (sign) { return RAISED["-0123456789".indexOf(sign)]; });
      };
      return String(Number(x.toPrecision(4))).replace(/e\+?(.*)/, power).replace(/-/g, "\u2212");
    },
    same: function (a, b) {  // sums of doubles are rounded
      return a === b || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
    },
    element: function (name, attributes, children) {
      var node = SVG.indexOf(name) < 0 ? document.createElement(name)
        : document.createElementNS("http://www.w3.org/2000/svg", name);
      Object.keys(attributes || {}).forEach(function (key) { node.setAttribute(key, attributes[key]); });
      (children || []).forEach(function (child) { node.append(child); });
      return node;
    }
  };
})();

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

/* Previews of theorems, figures, tables and cited works beside the links to them, for pointer and keyboard: they go with
   Escape, stay while the pointer or the focus is on link or preview, and a finger only follows the link (WCAG 1.4.13).
   What lies on another page stands in a template of this one, see relupool.site.previews. */
(function () {
  "use strict";
  var article = document.querySelector("article"), kept = document.getElementById("previews");
  if (!article) return;
  var box = document.createElement("div"), works = new Map(), link = null, timer = 0;
  box.id = "preview";
  box.setAttribute("role", "tooltip");
  article.querySelectorAll("a.reference.internal[title]").forEach(function (citation) {
    works.set(citation, citation.title);
    citation.removeAttribute("title");
  });

  function content(of) {  // a text, a part of a page that is a copy, or nothing
    if (works.has(of)) return works.get(of);
    var href = of.getAttribute("href"), found = null;
    if (href[0] === "#" && href.length > 1) {
      found = document.getElementById(decodeURIComponent(href.slice(1)));
      if (found && !found.matches(".proof, figure, table")) return null;
    } else if (kept) {
      found = kept.content.querySelector("[data-href=\"" + CSS.escape(href) + "\"] > *");
    }
    if (!found || found.contains(of)) return null;
    var copy = document.importNode(found, true);
    copy.querySelectorAll("details, button, .headerlink, mjx-assistive-mml").forEach(function (part) { part.remove(); });
    copy.querySelectorAll("[id]:not(mjx-container *)").forEach(function (part) { part.removeAttribute("id"); });
    copy.querySelectorAll("[tabindex]").forEach(function (part) { part.removeAttribute("tabindex"); });
    copy.querySelectorAll("a").forEach(function (inner) { inner.replaceWith.apply(inner, inner.childNodes); });
    copy.removeAttribute("id");
    return copy;
  }
  function place() {
    if (!link) return;
    var room = article.getBoundingClientRect(), at = link.getBoundingClientRect();
    var below = innerHeight - at.bottom - 12, over = at.top - 70;  // there stands the header of the page
    box.style.setProperty("--room", Math.max(below, over) + "px");
    var height = box.offsetHeight, above = height > below && over > below;
    box.style.left = Math.max(0, Math.min(at.left - room.left, room.width - box.offsetWidth)) + "px";
    box.style.top = (above ? at.top - height - 6 : at.bottom + 6) - room.top + "px";
  }
  function show(of) {
    clearTimeout(timer);
    if (of === link) return;
    hide();
    var shown = content(of);
    if (!shown) return;
    link = of;
    box.replaceChildren(shown);
    article.append(box);
    link.setAttribute("aria-describedby", box.id);
    place();
    if (box.querySelector(".math:not(:has(mjx-container))") && window.MathJax && MathJax.typesetPromise) {
      MathJax.typesetPromise([box]).then(place);
    }
  }
  function hide() {
    clearTimeout(timer);
    if (link) link.removeAttribute("aria-describedby");
    link = null;
    box.remove();
  }
  function linkOf(event) { return event.target.closest("a[href*=\"#\"]"); }

  article.addEventListener("pointerover", function (event) {
    if (event.pointerType === "touch") return;
    var of = linkOf(event);
    clearTimeout(timer);
    if (of) timer = setTimeout(show, 200, of);
    else if (link && !box.contains(event.target) && !link.matches(":focus-visible")) timer = setTimeout(hide, 300);
  });
  article.addEventListener("pointerleave", function () {
    clearTimeout(timer);
    if (link && !link.matches(":focus-visible")) timer = setTimeout(hide, 300);
  });
  article.addEventListener("focusin", function (event) {
    var of = linkOf(event);
    if (of && of.matches(":focus-visible")) show(of);
  });
  article.addEventListener("focusout", hide);
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") hide(); });
})();
