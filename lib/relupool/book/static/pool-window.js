/* <pool-window values="nine numbers">: change them, choose activation and pooling, and compare the two orders.
   A classic script, since modules do not load from file://. What it replaces is a table for readers without scripts. */
(function () {
  "use strict";
  var erf = function (x) {  // Abramowitz and Stegun 7.1.26, error below 1.5e-7
    var t = 1 / (1 + 0.3275911 * Math.abs(x));
    var tail = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
    return Math.sign(x) * (1 - tail * Math.exp(-x * x));
  };
  var sigmoid = function (x) { return 1 / (1 + Math.exp(-x)); };
  var ACTIVATIONS = {
    "ReLU": function (x) { return Math.max(x, 0); },
    "leaky ReLU, slope 0.1": function (x) { return x > 0 ? x : 0.1 * x; },
    "tanh": Math.tanh,
    "sigmoid": sigmoid,
    "SiLU": function (x) { return x * sigmoid(x); },
    "GELU": function (x) { return 0.5 * x * (1 + erf(x / Math.SQRT2)); },
    "absolute value": Math.abs,
    "none": function (x) { return x; }
  };
  var POOLS = {
    "max": function (xs) { return Math.max.apply(null, xs); },
    "average": function (xs) { return xs.reduce(function (a, b) { return a + b; }, 0) / xs.length; }
  };
  var shown = function (x) { return String(Number(x.toPrecision(4))); };

  function element(name, attributes, children) {
    var node = document.createElement(name);
    Object.keys(attributes || {}).forEach(function (key) { node.setAttribute(key, attributes[key]); });
    (children || []).forEach(function (child) { node.append(child); });
    return node;
  }
  function choice(label, options) {
    var select = element("select", {}, Object.keys(options).map(function (name) { return element("option", {}, [name]); }));
    return { select: select, label: element("label", {}, [label, " ", select]) };
  }

  customElements.define("pool-window", class extends HTMLElement {
    connectedCallback() {
      var start = this.getAttribute("values").trim().split(/\s+/);
      this.cells = start.map(function (value, place) {
        return element("input", { type: "text", inputmode: "decimal", value: value, size: 5,
          "aria-label": "row " + (Math.floor(place / 3) + 1) + ", column " + (place % 3 + 1) });
      });
      this.activation = choice("activation", ACTIVATIONS);
      this.pool = choice("pooling", POOLS);
      this.answer = element("p", { role: "status", "aria-live": "polite" });
      var reset = element("button", { type: "button" }, ["start again"]);
      this.replaceChildren(
        element("div", { class: "window", role: "group", "aria-label": "the values in the window" }, this.cells),
        element("div", { class: "controls" }, [this.activation.label, this.pool.label, reset, this.answer]));
      this.addEventListener("input", this.compare);
      this.addEventListener("keydown", this.walk);
      reset.addEventListener("click", () => {
        this.cells.forEach(function (cell, place) { cell.value = start[place]; });
        this.activation.select.selectedIndex = this.pool.select.selectedIndex = 0;
        this.compare();
      });
      this.compare();
    }
    walk(event) {  // Ctrl and an arrow go to the neighbour
      var step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -3, ArrowDown: 3 }[event.key];
      var place = this.cells.indexOf(event.target);
      if (!event.ctrlKey || !step || place < 0 || !this.cells[place + step]) return;
      this.cells[place + step].focus();
      event.preventDefault();
    }
    compare() {
      var values = this.cells.map(function (cell) {
        var value = cell.value.trim() === "" ? NaN : Number(cell.value.replace(/\u2212/, "-").replace(",", "."));
        cell.setAttribute("aria-invalid", String(!Number.isFinite(value)));
        return value;
      });
      this.removeAttribute("data-equal");
      if (!values.every(Number.isFinite)) { this.answer.textContent = "Please enter numbers."; return; }
      var activation = this.activation.select.value, kind = this.pool.select.value;
      var f = ACTIVATIONS[activation], pool = POOLS[kind];
      var before = pool(values.map(f)), after = f(pool(values)), largest = Math.max.apply(null, values);
      var equal = Math.abs(before - after) <= 1e-9 * Math.max(1, Math.abs(before), Math.abs(after));
      this.cells.forEach(function (cell, place) { cell.classList.toggle("largest", kind === "max" && values[place] === largest); });
      this.setAttribute("data-equal", String(equal));
      this.answer.textContent = "Activation first: " + shown(before) + ". Pooling first: " + shown(after) + ". " +
        (equal ? "The same." : "Different.");
    }
  });
})();
