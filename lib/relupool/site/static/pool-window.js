/* <pool-window values="nine numbers" activation="relu" task="...">: change the numbers, or draw their dots along the graph;
   choose an activation, and see both orders of it and of max-pooling and average-pooling. A classic script, since modules
   do not load from file://. The table is on the page already, for readers without scripts; this adds the rest, and keeps
   it up to date. Comes after site.js. */
(function () {
  "use strict";
  var ACTIVATIONS = relupool.ACTIVATIONS, POOLS = relupool.POOLS;
  var element = relupool.element, same = relupool.same, shown = relupool.shown;
  var MIXED = [-2, -1, 3, 0.5, -4, 1, 2, -0.5, -3], NEGATIVE = [-2, -1, -3, -0.5, -4, -1, -2, -0.5, -3];
  var WIDTH = 360, HEIGHT = 250, SIDE = 18, TOP = 30, BOTTOM = 34, NEAR = 24;  // of the graph; NEAR reaches a dot
  var brief = function (x) { return shown(Number(x.toPrecision(Math.abs(x) < 0.001 ? 2 : Math.abs(x) < 0.1 ? 3 : 4))); };
  var set = function (node, attributes) {
    Object.keys(attributes).forEach(function (key) { node.setAttribute(key, attributes[key]); });
  };

  customElements.define("pool-window", class extends HTMLElement {
    connectedCallback() {
      if (this.cells) return;
      var start = this.getAttribute("values").trim().split(/\s+/), first = this.getAttribute("activation") || "relu";
      this.cells = start.map(function (value, place) {
        return element("input", { type: "text", inputmode: "decimal", value: value, size: 5, autocomplete: "off",
          "aria-label": "row " + (Math.floor(place / 3) + 1) + ", column " + (place % 3 + 1) });
      });
      this.results = start.map(function () { return element("span"); });
      this.after = element("span", { "class": "after" });
      this.activation = element("select", {}, Object.keys(ACTIVATIONS).map(function (name) {
        return element("option", { value: name }, [ACTIVATIONS[name][0]]);
      }));
      this.activation.value = first;
      this.answer = element("p", { role: "status", "aria-live": "polite" });
      var button = (words, does) => {
        var made = element("button", { type: "button" }, [words]);
        made.addEventListener("click", does);
        return made;
      };
      this.table = this.querySelector("table");
      this.table.caption.textContent = "Both orders";
      this.prepend(
        element("div", { "class": "numbers" }, [
          element("div", {}, ["numbers", element("div", { "class": "window", role: "group",
            title: "Ctrl and an arrow key go to the next number", "aria-label": "the numbers in the window" }, this.cells)]),
          element("div", {}, [this.after, element("div", { "class": "window", role: "group",
            "aria-label": "the activated numbers" }, this.results)])]),
        this.sketch(),
        element("div", { "class": "controls" }, [element("label", {}, ["activation ", this.activation]),
          button("all negative", () => this.put(NEGATIVE)), button("mixed", () => this.put(MIXED)),
          button("find a counterexample", () => this.find()),
          button("start again", () => { this.activation.value = first; this.put(start); }), this.table]));
      if (this.getAttribute("task")) this.prepend(element("p", { "class": "task" }, [this.getAttribute("task")]));
      this.append(this.answer);
      this.addEventListener("input", (event) => this.compare(event.target === this.activation ? "" : "typed"));
      this.addEventListener("keydown", this.walk);
      this.compare();
    }
    sketch() {  // what the graph has; draw says where
      var lines = ["axis", "axis", "gap average", "gap max"].map(function (kind) { return element("line", { "class": kind }); });
      var labels = ["max", "average"].map(function (kind) { return element("text", { "class": kind }); });
      this.curve = element("polyline", { "class": "curve" });
      this.mean = element("circle", { "class": "mean", r: 7 });
      this.dots = this.cells.map(function (_, place) {
        return element("circle", { "class": "dot", role: "slider", tabindex: 0, "aria-label": "dot " + (place + 1) + " of 9" });
      });
      this.parts = lines.concat(labels);
      this.graph = element("svg", { viewBox: "0 0 " + WIDTH + " " + HEIGHT, role: "group" },
        [element("g", { "aria-hidden": "true" }, lines.concat(this.curve, this.mean, labels))].concat(this.dots));
      var held = -1, at = (event) => {
        var box = this.graph.getBoundingClientRect(), scale = WIDTH / box.width;
        return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
      };
      this.graph.addEventListener("pointerdown", (event) => {
        var far = this.dots.map(function (dot) {
          return Math.hypot(dot.getAttribute("cx") - at(event)[0], dot.getAttribute("cy") - at(event)[1]);
        }), nearest = Math.min.apply(null, far);
        if (nearest > NEAR || event.button) return;
        held = far.lastIndexOf(nearest);
        this.graph.setPointerCapture(event.pointerId);
      });
      this.graph.addEventListener("pointermove", (event) => {
        var part = (at(event)[0] - SIDE) / (WIDTH - 2 * SIDE);
        if (held >= 0) this.move(held, this.low + Math.min(1, Math.max(0, part)) * (this.high - this.low), "held");
      });
      ["pointerup", "pointercancel"].forEach((name) => this.graph.addEventListener(name, () => {
        if (held < 0) return;
        this.dots[held].focus({ preventScroll: true });
        held = -1;
        this.compare();
      }));
      return this.graph;
    }
    put(values) {
      this.cells.forEach(function (cell, place) { cell.value = values[place]; });
      this.compare();
    }
    find() {  // for the activations that there are, these two windows tell whether there is any; the tests check it
      var f = ACTIVATIONS[this.activation.value][1], differing = function (pool) {
        return [MIXED, NEGATIVE].find(function (xs) { return !same(f(pool(xs)), pool(xs.map(f))); });
      };
      var max = differing(POOLS.max), average = differing(POOLS.average);
      this.note = (max ? "" : "No window makes max-pooling differ, since the curve never falls. ") +
        (average ? "" : "No window makes average-pooling differ, since the curve is straight. ");
      if (max || average) this.put(max || average); else this.compare();
    }
    digits() { return Math.max(0, Math.ceil(-Math.log10((this.high - this.low) / 40))); }
    move(place, value, how) {  // in steps that suit the graph
      this.cells[place].value = Number(value.toFixed(this.digits()));
      this.compare(how);
    }
    walk(event) {  // Ctrl and an arrow go to the neighbour; an arrow alone moves a dot
      var dot = this.dots.indexOf(event.target), place = this.cells.indexOf(event.target);
      if (dot >= 0 && !event.ctrlKey && !event.altKey && !event.metaKey) {
        var way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[event.key];
        if (!way) return;
        this.move(dot, this.values[dot] + way * Math.pow(10, -this.digits()), "moved");
        event.preventDefault();
        return;
      }
      var step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -3, ArrowDown: 3 }[event.key];
      if (!event.ctrlKey || !step || place < 0 || !this.cells[place + step]) return;
      this.cells[place + step].focus();
      event.preventDefault();
    }
    compare(how) {  // how it came about: typed, held by a pointer, moved by a key, or at once
      var values = this.cells.map(function (cell) {
        var value = cell.value.trim() === "" ? NaN : Number(cell.value.replace(/\u2212/, "-").replace(",", "."));
        cell.setAttribute("aria-invalid", String(!Number.isFinite(value)));
        return value;
      });
      var label = ACTIVATIONS[this.activation.value][0], f = ACTIVATIONS[this.activation.value][1];
      var whole = values.every(Number.isFinite), results = values.map(f), rows = this.table.tBodies[0].rows, told = [];
      var mark = function (nodes, numbers) {
        var largest = Math.max.apply(null, numbers);
        nodes.forEach(function (node, place) { node.classList.toggle("largest", whole && numbers[place] === largest); });
      };
      mark(this.cells, values);
      mark(this.results, results);
      this.results.forEach(function (node, place) { node.textContent = whole ? brief(results[place]) : "\u2013"; });
      this.after.textContent = "after " + label;
      Object.keys(POOLS).forEach(function (name, column) {
        var pool = POOLS[name], poolFirst = f(pool(values)), activationFirst = pool(results);
        var equal = same(poolFirst, activationFirst), gap = shown(Math.abs(poolFirst - activationFirst));
        var outcome = rows[2].cells[column + 1];
        rows[0].cells[column + 1].textContent = whole ? shown(poolFirst) : "\u2013";
        rows[1].cells[column + 1].textContent = whole ? shown(activationFirst) : "\u2013";
        outcome.textContent = whole ? (equal ? "= same" : "\u2260 by " + gap) : "\u2013";
        outcome.dataset.same = whole ? String(equal) : "";
        told.push(label + " and " + name + "-pooling: " + (equal ? "the same in both orders." : "different, by " + gap + "."));
      });
      this.graph.classList.toggle("stale", !whole);
      if (whole) this.draw(values, results, f, label, how);
      var words = whole ? (this.note || "") + told.join(" ") : "Please enter numbers.";
      this.note = "";
      clearTimeout(this.timer);  // who types or moves a dot hears the outcome once, at the end
      if (how) this.timer = setTimeout(() => { this.answer.textContent = words; }, 500); else this.answer.textContent = words;
    }
    draw(values, results, f, label, how) {
      var max = Math.max.apply(null, values), min = Math.min.apply(null, values), size = Math.max(max, -min) || 1;
      if (how !== "held" && (how !== "moved" || min < this.low || max > this.high)) {
        this.low = Math.min(min - 0.12 * size, -0.35 * size);
        this.high = Math.max(max + 0.12 * size, 0.35 * size);
      }
      var low = this.low, high = this.high, mean = POOLS.average(values), centroid = POOLS.average(results);
      var xs = Array.from({ length: 161 }, function (_, place) { return low + (high - low) * place / 160; });
      var ys = xs.map(f), least = Math.min.apply(null, ys.concat(0)), most = Math.max.apply(null, ys.concat(0));
      var x = function (value) { return SIDE + (value - low) / (high - low) * (WIDTH - 2 * SIDE); };
      var y = function (value) { return HEIGHT - BOTTOM - (value - least) / (most - least) * (HEIGHT - TOP - BOTTOM); };
      if (!Number.isFinite(x(0) + y(0))) return;  // numbers too large to draw
      var best = Math.max.apply(null, results), right = x(max) > WIDTH / 2, left = f(low) >= f(mean);
      this.curve.setAttribute("points", xs.map(function (value, place) { return x(value) + "," + y(ys[place]); }).join(" "));
      [[low, 0, high, 0], [0, least, 0, most], [mean, f(mean), mean, centroid], [max, f(max), max, best]].forEach((ends, place) =>
        set(this.parts[place], { x1: x(ends[0]), y1: y(ends[1]), x2: x(ends[2]), y2: y(ends[3]) }));
      set(this.mean, { cx: x(mean), cy: y(centroid) });
      set(this.parts[4], { x: x(max) + (right ? 6 : -6), y: Math.min(y(f(max)), y(best)) - 13, "text-anchor": right ? "end" : "start" });
      set(this.parts[5], { x: left ? Math.max(x(mean) + 8, 140) : Math.min(x(mean) - 8, WIDTH - 140),
        y: Math.max(y(f(mean)), y(centroid)) + 24, "text-anchor": left ? "end" : "start" });  // where the curve is not below
      var gap = function (a, b, none) { return same(a, b) ? none : "gap " + shown(Math.abs(a - b)); };
      this.parts[4].textContent = "max " + shown(max) + " \u2192 " + shown(f(max)) + gap(f(max), best, "").replace(/^g/, ", g");
      this.parts[5].textContent = "average: " + gap(f(mean), centroid, "no gap");
      this.graph.setAttribute("aria-label", "graph of " + label + "; a dot for each number, which arrow keys move");
      this.dots.forEach(function (dot, place) {
        var largest = values[place] === max;
        set(dot, { cx: x(values[place]), cy: y(results[place]), r: largest ? 8 : 5.5, "aria-valuenow": values[place],
          "aria-valuemin": Math.min(low, values[place]), "aria-valuemax": Math.max(high, values[place]),
          "aria-valuetext": shown(values[place]) + ", activated " + shown(results[place]) + (largest ? ", the max" : "") });
        dot.classList.toggle("largest", largest);
      });
      this.values = values;
    }
  });
})();
