/* <pool-window values="nine numbers" activation="relu">: change them, choose an activation, and see both orders of it and
   of max-pooling and average-pooling. A classic script, since modules do not load from file://. The table is on the
   page already, for readers without scripts; this adds the numbers and the choice, and keeps it up to date. */
(function () {
  "use strict";
  var erf = function (x) {  // Abramowitz and Stegun 7.1.26, error below 1.5e-7
    var t = 1 / (1 + 0.3275911 * Math.abs(x));
    var tail = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
    return Math.sign(x) * (1 - tail * Math.exp(-x * x));
  };
  var sigmoid = function (x) { return 1 / (1 + Math.exp(-x)); };
  var ACTIVATIONS = {
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
  };
  var POOLS = {
    "max": function (xs) { return Math.max.apply(null, xs); },
    "average": function (xs) { return xs.reduce(function (a, b) { return a + b; }, 0) / xs.length; }
  };
  var shown = function (x) { return String(Number(x.toPrecision(4))).replace(/-/g, "\u2212"); };
  var same = function (a, b) {  // sums of doubles are rounded
    return a === b || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
  };

  function element(name, attributes, children) {
    var node = document.createElement(name);
    Object.keys(attributes || {}).forEach(function (key) { node.setAttribute(key, attributes[key]); });
    (children || []).forEach(function (child) { node.append(child); });
    return node;
  }

  customElements.define("pool-window", class extends HTMLElement {
    connectedCallback() {
      if (this.cells) return;
      var start = this.getAttribute("values").trim().split(/\s+/), first = this.getAttribute("activation") || "relu";
      this.cells = start.map(function (value, place) {
        return element("input", { type: "text", inputmode: "decimal", value: value, size: 5, autocomplete: "off",
          "aria-label": "row " + (Math.floor(place / 3) + 1) + ", column " + (place % 3 + 1) });
      });
      this.activation = element("select", {}, Object.keys(ACTIVATIONS).map(function (name) {
        return element("option", { value: name }, [ACTIVATIONS[name][0]]);
      }));
      this.activation.value = first;
      this.answer = element("p", { role: "status", "aria-live": "polite" });
      var reset = element("button", { type: "button" }, ["start again"]);
      this.table = this.querySelector("table");
      this.table.caption.textContent = "Both orders";
      this.prepend(
        element("div", { class: "window", role: "group", title: "Ctrl and an arrow key go to the next number",
          "aria-label": "the numbers in the window" }, this.cells),
        element("div", { class: "controls" },
          [element("label", {}, ["activation ", this.activation]), reset, this.table]));
      this.append(this.answer);
      this.addEventListener("input", this.compare);
      this.addEventListener("keydown", this.walk);
      reset.addEventListener("click", () => {
        this.cells.forEach(function (cell, place) { cell.value = start[place]; });
        this.activation.value = first;
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
      var whole = values.every(Number.isFinite), largest = Math.max.apply(null, values);
      this.cells.forEach(function (cell, place) { cell.classList.toggle("largest", whole && values[place] === largest); });
      var label = ACTIVATIONS[this.activation.value][0], f = ACTIVATIONS[this.activation.value][1];
      var rows = this.table.tBodies[0].rows, told = [];
      Object.keys(POOLS).forEach(function (name, column) {
        var pool = POOLS[name], poolFirst = f(pool(values)), activationFirst = pool(values.map(f));
        var equal = same(poolFirst, activationFirst), gap = shown(Math.abs(poolFirst - activationFirst));
        var outcome = rows[2].cells[column + 1];
        rows[0].cells[column + 1].textContent = whole ? shown(poolFirst) : "\u2013";
        rows[1].cells[column + 1].textContent = whole ? shown(activationFirst) : "\u2013";
        outcome.textContent = whole ? (equal ? "= same" : "\u2260 by " + gap) : "\u2013";
        outcome.dataset.same = whole ? String(equal) : "";
        told.push(label + " and " + name + "-pooling: " + (equal ? "the same in both orders." : "different, by " + gap + "."));
      });
      this.answer.textContent = whole ? told.join(" ") : "Please enter numbers.";
    }
  });
})();
