/* <network-mixer>: four switches, the layers of the network, and the stored accuracy of that one of the sixteen networks.
   A classic script, since modules do not load from file://; comes after site.js. The table of all sixteen is on
   the page already and holds every number; this reads them from its rows. What is switched off stands in the address:
   #off=conv,norm */
(function () {
  "use strict";
  var PARTS = ["conv", "dense", "max", "norm"];
  var NAMES = { conv: "ReLU in the convolutional layers", dense: "ReLU between the dense layers",
    max: "max-pooling", norm: "normalization" };
  var WIDTH = 560, BASE = 86, DOT = 6, make = relupool.element;

  function percent(fraction) { return (100 * fraction).toFixed(1) + "\u00a0%"; }
  function x(fraction) { return 18 + fraction * (WIDTH - 40); }

  customElements.define("network-mixer", class extends HTMLElement {
    connectedCallback() {
      if (this.inputs) return;
      this.networks = Array.from(this.querySelectorAll("tbody tr"), function (row) {
        return { on: row.dataset.on, mean: Number(row.dataset.mean), half: Number(row.dataset.half || 0), left: row.dataset.left };
      });
      var all = this.querySelector("details"), layers = this.querySelector(".layers");
      all.open = false;
      layers.hidden = false;
      this.inputs = {};
      var switches = make("div", { "class": "switches", role: "group", "aria-label": "What the network has" },
        PARTS.map((part) => {
          var input = make("input", { type: "checkbox", role: "switch" });
          input.checked = true;
          this.inputs[part] = input;
          return make("label", { "data-part": part }, [input, NAMES[part]]);
        }));
      this.number = make("strong", {});
      this.half = make("span", { "class": "half" });
      this.left = make("p", { "class": "left" });
      this.copy = make("button", { type: "button" }, ["copy link"]);
      var reading = make("div", { "class": "reading", role: "status" },
        [make("p", { "class": "number" }, [this.number, this.half]), this.left]);
      var foot = make("p", { "class": "foot" },
        [make("span", { "class": "tag" }, [this.dataset.basis]), this.copy]);
      this.prepend(layers, make("div", { "class": "desk" }, [switches, reading, this.scale(), foot]));
      this.layers = Array.from(layers.children);
      this.addEventListener("change", () => { this.show(); this.remember(); });
      this.copy.addEventListener("click", () => this.share());
      addEventListener("hashchange", () => this.recall());
      this.recall();
    }
    scale() {  // sixteen dots over a line from 0 to 100 %, piled up where they would touch
      var drawing = make("svg", { viewBox: "0 0 " + WIDTH + " 112", role: "img",
        "aria-label": "Accuracy of all sixteen networks; the present one is marked" });
      drawing.append(make("line", { x1: x(0), x2: x(1), y1: BASE + 8, y2: BASE + 8, "class": "axis" }));
      [0, 0.2, 0.4, 0.6, 0.8, 1].forEach(function (tick) {
        drawing.append(make("text", { x: x(tick), y: BASE + 24, "text-anchor": "middle" }, [Math.round(100 * tick) + " %"]));
      });
      if (this.dataset.softmax) {
        var matrix = x(Number(this.dataset.softmax));
        drawing.append(make("line", { x1: matrix, x2: matrix, y1: 26, y2: BASE + 8, "class": "mark" }));
        drawing.append(make("text", { x: matrix - 5, y: 32, "text-anchor": "end" }, ["a single matrix"]));
      }
      var taken = [];
      this.networks.slice().sort(function (a, b) { return a.mean - b.mean; }).forEach((network) => {
        var level = 0, cx = x(network.mean);
        while (taken.some(function (dot) { return dot.level === level && Math.abs(dot.cx - cx) < 2 * DOT + 1; })) level += 1;
        taken.push({ level: level, cx: cx });
        network.dot = make("circle", { cx: cx, cy: BASE - level * (2 * DOT + 1), r: DOT },
          [make("title", {}, [percent(network.mean) + ", still nonlinear: " + network.left])]);
        network.dot.addEventListener("click", () => {
          PARTS.forEach((part) => { this.inputs[part].checked = network.on.split(" ").indexOf(part) >= 0; });
          this.show();
          this.remember();
        });
        drawing.append(network.dot);
      });
      return drawing;
    }
    show() {
      var inputs = this.inputs;
      var on = PARTS.filter(function (part) { return inputs[part].checked; });
      var found = this.networks.filter(function (network) { return network.on === on.join(" "); })[0];
      this.number.textContent = percent(found.mean);
      this.half.textContent = found.half ? " \u00b1 " + (100 * found.half).toFixed(1) : "";
      this.left.textContent = found.left === "nothing"
        ? "Nothing in it is nonlinear any more: this network is one matrix, ten pictures laid over the image."
        : found.on === "norm" ? "Found. Only " + found.left + " is left: switch it off, too."
        : "Still nonlinear: " + found.left + ".";
      if (found.left === "nothing" && this.dataset.pictures) {
        this.left.append(make("img", { src: this.dataset.pictures, "class": "fig-auto", alt: "The ten pictures, one for each class" }));
      }
      this.layers.forEach(function (layer) {
        var part = layer.dataset.part, off = part && !inputs[part].checked;
        layer.classList.toggle("off", !!off);
        if (part === "max") layer.textContent = (off ? "average" : "max") + layer.textContent.replace(/^\S+/, "");
      });
      this.networks.forEach(function (network) { network.dot.classList.toggle("here", network === found); });
      found.dot.parentNode.append(found.dot);  // the present one is drawn last, over its neighbours
      this.dataset.left = found.left === "nothing" ? "nothing" : "";
    }
    off() {
      return PARTS.filter((part) => !this.inputs[part].checked).join(",");
    }
    remember() {
      history.replaceState(null, "", location.pathname + location.search + (this.off() ? "#off=" + this.off() : ""));
    }
    recall() {
      var match = /^#off=([a-z,]+)$/.exec(location.hash);
      if (match) PARTS.forEach((part) => { this.inputs[part].checked = match[1].split(",").indexOf(part) < 0; });
      this.show();
    }
    share() {
      this.remember();
      var told = () => { this.copy.textContent = "copied"; setTimeout(() => { this.copy.textContent = "copy link"; }, 2000); };
      if (navigator.clipboard) navigator.clipboard.writeText(location.href).then(told, () => prompt("The link", location.href));
      else prompt("The link", location.href);
    }
  });
})();
