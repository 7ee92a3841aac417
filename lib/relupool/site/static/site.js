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
