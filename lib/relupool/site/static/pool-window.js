/* <pool-window values="nine numbers" activation="relu">: change them, choose an activation, and see both orders of it and
   of max-pooling and average-pooling. A classic script, since modules do not load from file://. The table is on the
   page already, for readers without scripts; this adds the numbers and the choice, and keeps it up to date. Comes after
   activations.js. */
(function () {
  "use strict";
  var ACTIVATIONS = relupool.ACTIVATIONS, POOLS = relupool.POOLS;
  var element = relupool.element, same = relupool.same, shown = relupool.shown;

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
