/* <stained-glass>: three switches, and the window of the network that they leave. All eight windows are on the page
   already, with their numbers of pieces; this draws the chosen one large. A classic script, since modules do not load
   from file://; comes after site.js. */
(function () {
  "use strict";
  var PARTS = { conv: "ReLU in the convolutional layers", dense: "ReLU between the dense layers", max: "max-pooling" };
  var make = relupool.element;

  customElements.define("stained-glass", class extends HTMLElement {
    connectedCallback() {
      if (this.inputs) return;
      this.windows = Array.from(this.querySelectorAll(".window"));
      this.inputs = {};
      var switches = Object.keys(PARTS).map((part) => {
        var input = this.inputs[part] = make("input", { type: "checkbox", role: "switch" });
        input.checked = true;
        return make("label", { "data-part": part }, [input, PARTS[part]]);
      });
      this.large = make("div", { "class": "large", "aria-hidden": "true" });
      this.number = make("strong", {});
      this.change = make("span", {});
      this.prepend(make("div", { "class": "switches", role: "group", "aria-label": "What the network has" }, switches),
        this.large, make("p", { "class": "reading", role: "status" }, [this.number, " ", this.change]));
      this.windows.forEach((window) => window.addEventListener("click", () => this.choose(window.dataset.on)));
      this.addEventListener("change", () => this.show());
      this.show();
    }
    choose(on) {
      Object.keys(PARTS).forEach((part) => { this.inputs[part].checked = on.split(" ").indexOf(part) >= 0; });
      this.show();
    }
    show() {
      var on = Object.keys(PARTS).filter((part) => this.inputs[part].checked).join(" ");
      var here = this.windows.filter((window) => window.dataset.on === on)[0];
      var pieces = Number(here.dataset.pieces), more = pieces - this.pieces;
      this.large.replaceChildren(here.querySelector("svg").cloneNode(true));
      this.windows.forEach((window) => window.classList.toggle("here", window === here));
      this.number.textContent = here.querySelector("strong").textContent;
      this.change.textContent = !on ? "Nothing bends: one flat map, here and everywhere."
        : pieces === 1 ? "It can bend, but in this small window it does not."
        : more > 0 ? more + " more than before: it shatters." : more < 0 ? -more + " fewer than before: panes fuse."
        : more === 0 ? "As many as before." : "All three are there. Take one away: will there be fewer?";
      this.pieces = pieces;
    }
  });
})();
