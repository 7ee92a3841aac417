/* <training-board seed="1">: four small networks train side by side on the reader's machine; guess first. A classic
   script, since modules do not load from file://; comes after site.js and tiny-network.js. The page holds what
   training gives, for readers without scripts and for print; this folds it up, so that no answer stands beside a guess.
   It trains in slices of some 12 ms, at most one step a frame: workers do not start from file://. */
(function () {
  "use strict";
  var tiny = relupool.tiny, element = relupool.element, shown = relupool.shown;
  var tiles = relupool.tiles, signed = relupool.signed;
  var SLICE = 12, LIMIT = 9999;
  var POOLS = { max: "max-pool", average: "average-pool" };
  var FOUR = ["before-max", "before-average", "none-max", "none-average"];
  var OTHER = { "before-max": "after-max", "before-average": "after-average" };

  function make(name, text, attributes, children) {  // an element of a class
    return element(name, Object.assign(text ? { "class": text } : {}, attributes), children);
  }

  function percent(share) { return Math.round(100 * share) + "\u00a0%"; }

  function list(words) { return words.slice(0, -1).join(", ") + " and " + words[words.length - 1]; }

  function grey(value) {
    var light = Math.max(0, Math.min(255, 128 + 56 * value));
    return [light, light, light, 255];
  }

  function picture(image, label) {
    var canvas = make("canvas", "", { width: 60, height: 60, role: "img", "aria-label": label });
    tiles(canvas, image, tiny.SIDE, grey);
    return canvas;
  }

  function figure(canvas, words) { return make("figure", "", {}, [canvas, make("figcaption", "", {}, [words])]); }

  function path(accuracies) {
    return accuracies.map(function (value, place) {
      return 100 * place * tiny.LOOK / tiny.STEPS + "," + (100 - 100 * value);
    }).join(" ");
  }

  function plot(name) {  // the lines of one network; what is written beside them is HTML
    var lines = { guessing: make("polyline", "guessing", { points: "0,75 100,75" }),
      learnt: make("polyline", "learnt " + name), other: make("polyline", "other " + name) };
    lines.svg = make("svg", "curve", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" },
      [lines.guessing, lines.learnt, lines.other]);
    return lines;
  }

  function cell(name, id) {  // one network of the board, untrained
    var relu = name.startsWith("before"), pool = POOLS[name.split("-")[1]], words = (relu ? "ReLU, " : "no ReLU, ") + pool;
    var strip = function (label, said) {
      var canvas = make("canvas", "", { width: 536, height: 60, role: "img", "aria-label": said + ", of the network with " + words });
      return { canvas: canvas, figure: make("figure", "", {}, [make("figcaption", "", {}, [label]), canvas]) };
    };
    var guess = make("input", "", { type: "range", min: 0, max: 100, step: 1, value: 50, orient: "vertical", "aria-orientation": "vertical",
      "aria-label": "your guess: accuracy with " + words, "aria-valuetext": "50 %" });
    var part = { name: name, words: words, guess: guess, lines: plot(name), touched: false,
      score: make("span", "score", {}, ["?"]), mark: make("span", "guess", {}, [make("span")]), kernels: strip("kernels", "8 kernels"),
      maps: strip("maps", relu ? "8 maps after ReLU" : "8 maps"), pooled: strip("pooled", "8 maps after the " + pool), order: make("p", "order", { hidden: "" }),
      inside: make("button", "", { type: "button", "aria-expanded": "false", "aria-controls": id + "-inside",
        "aria-label": "Is it one matrix? The network with " + words }, ["Is it one matrix?"]) };
    part.box = make("div", "net " + name, { role: "group", "aria-label": "the network with " + words }, [
      make("div", "head", {}, [make("p", "layers", {}, ["conv \u2192 ",
        make(relu ? "b" : "s", "relu", {}, ["ReLU"]), " \u2192 ", make("b", name.split("-")[1], {}, [pool]), " \u2192 dense"]),
      part.score]),
      make("div", "plot", {}, [make("div", "lines", {}, [part.mark, part.lines.svg,
        make("span", "chance", {}, ["chance 25\u00a0%"])]), guess]),
      make("div", "strips", {}, [part.kernels.figure, part.maps.figure, part.pooled.figure]), part.order, part.inside]);
    return part;
  }

  customElements.define("training-board", class extends HTMLElement {
    connectedCallback() {
      if (this.cells) return;
      this.id = this.id || "training-board";
      this.cells = FOUR.map((name) => cell(name, this.id));
      this.main = make("button", "main", { type: "button" });
      this.over = make("button", "", { type: "button", hidden: "" }, ["Start over"]);
      this.seed = make("input", "", { type: "number", min: 1, max: LIMIT, step: 1, value: this.getAttribute("seed") || 1 });
      this.both = make("input", "", { type: "checkbox" });
      this.count = make("span", "count");
      this.told = make("p", "told", { role: "status" });
      this.kinds = make("fieldset", "kinds");
      this.inside = make("section", "inside", { id: this.id + "-inside", hidden: "", "aria-label": "is it one matrix?" });
      var stored = this.querySelector(".stored"), fold = make("details", "", {},
        [make("summary", "", {}, ["The answer without training, from when this page was made"])]);
      stored.replaceWith(fold);
      fold.append(stored);
      this.prepend(
        make("div", "live", {}, [
          make("div", "top", {}, [
            make("div", "", {}, [
              make("p", "", {}, [make("span", "tag", {}, ["A toy, made so that a single matrix can only guess"])]),
              make("p", "ask", {}, [make("strong", "", {}, ["Which of these four networks can learn?"]),
                " Each must say which of four kinds a noisy picture is. Only ReLU and the pool differ."])]),
            this.kinds]),
          make("p", "how", {}, [make("span", "", {}, [make("b", "", {}, ["1"]), " Drag each mark \u25c4 to the accuracy you expect. "]),
            make("span", "", {}, [make("b", "", {}, ["2"]), " Let them train, all on the same pictures."])]),
          make("div", "bar", {}, [this.main, this.over, this.count,
            make("label", "", {}, ["seed ", this.seed])]),
          this.told,
          make("div", "board", {}, this.cells.map(function (part) { return part.box; })),
          make("label", "switch", {}, [this.both, " Train the other order as well: the pool first, then ReLU"]),
          this.inside]),
        fold);
      this.cells.forEach((part) => {
        part.guess.addEventListener("input", () => { part.touched = true; this.mark(part); });
        part.inside.addEventListener("click", () => { this.look(part); });
      });
      this.main.addEventListener("click", () => { this.go(); });
      this.over.addEventListener("click", () => { this.reset(); this.main.focus(); });
      this.seed.addEventListener("change", () => {
        var seed = Math.round(Number(this.seed.value));
        this.seed.value = Math.max(1, Math.min(LIMIT, seed || 1));
        this.reset();
      });
      this.both.addEventListener("change", () => {
        var fresh = this.state === "fresh";
        this.reset();
        if (!fresh) this.go();  // again from the same weights, beside the other order
      });
      this.kinds.addEventListener("change", () => { this.paint(); });
      this.reset();
    }

    reset() {  // the first weights, before any training; guesses stay
      cancelAnimationFrame(this.frame);
      var seed = Number(this.seed.value), names = FOUR.concat(this.both.checked ? Object.values(OTHER) : []);
      this.streams = tiny.streams(seed);
      this.tests = tiny.pictures(this.streams.testing, 0, tiny.TESTS);
      this.nets = {};
      names.forEach((name) => {
        this.nets[name] = tiny.network(name.split("-")[0], name.split("-")[1], seed);
        this.nets[name].accuracies = [];
      });
      this.step = 0;
      this.work = this.run();
      this.examples = tiny.KINDS.map((_, kind) => this.tests.find((one) => one.kind === kind));
      var chosen = this.chosen();
      this.kinds.replaceChildren(make("legend", "", {}, ["choose the picture whose maps are shown"]));
      this.kinds.append(...tiny.KINDS.map((kind, place) => {
        var radio = make("input", "", { type: "radio", name: this.id + "-kind", value: place });
        radio.checked = place === chosen;
        return make("label", "", {}, [radio, picture(this.examples[place].image, "a picture of kind " + kind), kind]);
      }));
      this.close();
      this.become("fresh");
    }

    chosen() {
      var radio = this.kinds.querySelector("input:checked");
      return radio ? Number(radio.value) : 0;
    }

    *run() {  // all of a run; what stands between two yields takes a millisecond or two
      var names = Object.keys(this.nets), tests = this.tests;
      for (;;) {
        if (this.step % tiny.LOOK === 0) {
          var right = {};
          for (var name of names) {
            right[name] = 0;
            for (var i = 0; i < tests.length; i += 1) {
              right[name] += tiny.right(this.nets[name], tests[i]);
              if (i % 25 === 24) yield false;
            }
          }
          names.forEach((name) => { this.nets[name].accuracies.push(right[name] / tests.length); });
        }
        if (this.step === tiny.STEPS) return;
        var batch = tiny.pictures(this.streams.training, this.step * tiny.BATCH, tiny.BATCH);
        for (name of names) {
          tiny.train(this.nets[name], batch);
          yield false;
        }
        this.step += 1;
        yield true;
      }
    }

    go() {
      if (this.state === "running") return this.stop();
      if (this.state === "done") {
        this.seed.value = Number(this.seed.value) % LIMIT + 1;
        this.reset();
      }
      this.close();
      this.become("running");
      this.frame = requestAnimationFrame(() => { this.slice(); });
    }

    stop() {
      cancelAnimationFrame(this.frame);
      this.become("stopped");
    }

    slice() {
      var until = performance.now() + SLICE, next;
      do next = this.work.next(); while (!next.done && !next.value && performance.now() < until);
      if (next.done) return this.become("done");
      var calm = matchMedia("(prefers-reduced-motion: reduce)").matches;  // then it moves only where it is measured
      if (next.value && (!calm || this.step % tiny.LOOK === 1)) this.paint();
      this.frame = requestAnimationFrame(() => { this.slice(); });
    }

    become(state) {
      this.state = this.dataset.state = state;
      this.main.textContent = { fresh: "Train all four", running: "Stop", stopped: "Go on", done: "Again, with new pictures" }[state];
      this.over.hidden = state === "fresh" || state === "running";
      this.cells.forEach((part) => {
        part.guess.disabled = state !== "fresh";
        part.order.hidden = !(this.both.checked && OTHER[part.name]);
      });
      this.told.textContent = { fresh: "", running: "Training.", stopped: "Stopped after " + this.step + " steps.",
        done: this.outcome() }[state];
      this.paint();
    }

    outcome() {
      var reached = this.cells.map((part) => this.accuracy(part.name));
      if (reached.some(isNaN)) return "";
      var told = "Done: " + list(reached.map(percent)) + ". ";
      if (reached[3] <= 0.4 && Math.min(reached[0], reached[1], reached[2]) >= 0.85) {
        told += "Three learn. The one with neither ReLU nor max-pool is left with guessing. ";
      }
      var marks = this.cells.filter((part) => part.touched);
      if (marks.length) {
        var off = marks.reduce((sum, part) => sum + Math.abs(this.accuracy(part.name) - part.guess.value / 100), 0);
        told += "Your marks were off by " + Math.round(100 * off / marks.length) + " points on average. ";
      }
      if (this.both.checked) {
        told += "With the pool first and then ReLU: " + Object.keys(OTHER).map((name) => {
          var many = tiny.differing(this.nets[name], this.nets[OTHER[name]]);
          return percent(this.accuracy(OTHER[name])) + " with " + POOLS[name.split("-")[1]] + ", " + many + " of " +
            tiny.PARAMETERS + " weights differ";
        }).join("; ") + ". ";
      }
      return told + "Now see which of them is one matrix.";
    }

    accuracy(name) {
      var all = this.nets[name].accuracies;
      return all.length ? all[all.length - 1] : NaN;
    }

    mark(part) {
      var guess = part.guess.value;
      part.mark.style.top = 100 - guess + "%";
      part.mark.classList.toggle("high", guess > 80);
      part.mark.firstChild.textContent = part.touched ? "your guess " + guess + "\u00a0%" : "your guess?";
      part.mark.hidden = !part.touched && this.state !== "fresh";
      part.guess.setAttribute("aria-valuetext", guess + " %");
    }

    paint() {
      var image = this.examples[this.chosen()].image;
      this.count.textContent = this.state === "fresh" ? tiny.STEPS + " steps, about two seconds"
        : "step " + this.step + " of " + tiny.STEPS;
      this.cells.forEach((part) => {
        var net = this.nets[part.name], other = this.nets[OTHER[part.name]], accuracy = this.accuracy(part.name);
        tiny.forward(net, image);
        var pooled = Float64Array.from(net.pooled, function (_, i) { return net.pooled[i % 9 * 8 + (i / 9 | 0)]; });
        var kernels = net.weights.subarray(0, 200), limit = Math.max.apply(null, net.maps.map(Math.abs));
        tiles(part.kernels.canvas, kernels, tiny.KERNEL, signed(Math.max.apply(null, kernels.map(Math.abs))));
        tiles(part.maps.canvas, net.entering, tiny.MAP, signed(limit));
        tiles(part.pooled.canvas, pooled, tiny.POOLED, signed(limit));
        part.lines.learnt.setAttribute("points", path(net.accuracies));
        part.lines.other.setAttribute("points", other ? path(other.accuracies) : "");
        part.score.textContent = isNaN(accuracy) ? "?" : percent(accuracy);
        this.mark(part);
        if (!other) return;
        var many = tiny.differing(net, other), reached = this.accuracy(OTHER[part.name]);
        part.order.replaceChildren("pool first: " + (isNaN(reached) ? "?" : percent(reached)) + "; weights that differ: ",
          make("b", many ? "differ" : "same", {}, [many + " of " + tiny.PARAMETERS]));
      });
    }

    close() {
      this.inside.hidden = true;
      this.cells.forEach(function (part) { part.inside.setAttribute("aria-expanded", "false"); });
    }

    look(part) {  // is the network one matrix?
      var again = part.inside.getAttribute("aria-expanded") === "true";
      this.close();
      if (again) return;
      this.open(part);
      this.inside.scrollIntoView({ block: "nearest" });
    }

    open(part) {
      var net = this.nets[part.name];
      part.inside.setAttribute("aria-expanded", "true");
      var a = this.examples[0].image, b = this.examples[1].image, found = tiny.misfit(net, a, b);
      var gap = Math.max.apply(null, found.both.map(function (x, k) { return Math.abs(x - found.apart[k]); }));
      var affine = gap < 1e-9, most = Math.max.apply(null, found.both.concat(found.apart).map(Math.abs));
      this.misfit = gap;
      var parts = [make("p", "title", {}, [make("strong", "", {}, [affine
        ? "Yes. This network is this matrix:" : "No. No matrix does what this network does."]),
      " (" + part.words + ")"])];
      if (affine) {
        var map = tiny.affineMap(net), limit = Math.max.apply(null, map.maps.map(function (one) {
          return Math.max.apply(null, one.map(Math.abs));
        }));
        parts.push(make("div", "matrix", {}, map.maps.map((one, k) => {
          var canvas = make("canvas", "", { width: 60, height: 60, role: "img",
            "aria-label": "16 by 16 weights of the score for " + tiny.KINDS[k] });
          tiles(canvas, one, tiny.SIDE, signed(limit));
          return figure(canvas, tiny.KINDS[k]);
        })), make("p", "", {}, ["Each score is the picture times its 16 \u00d7 16 weights, summed up, plus a constant. " +
          "Convolution, average and dense layer came to no more than that, and since the mean picture of every kind " +
          "is the same grey, the best such sums do is guess."]));
      }
      var both = a.map(function (x, i) { return x + b[i]; });
      parts.push(make("p", "", {}, [affine ? "The test: what it makes of a sum of two pictures is what it makes of each, added up."
        : "The test that every matrix passes, with any constants: what it makes of a sum of two pictures is what it makes of each, added up."]),
      make("div", "sum", {}, [
        figure(picture(a, "an upright picture"), "a"), "+", figure(picture(b, "a level picture"), "b"), "=",
        figure(picture(both, "their sum"), "a + b")]),
      make("div", "compared", {}, [bars("f(a + b)", found.both, most), make("span", affine ? "same" : "differ", {}, [affine ? "=" : "\u2260"]),
        bars("f(a) + f(b) \u2212 f(0)", found.apart, most)]),
      make("p", "misfit", {}, ["Misfit f(a + b) \u2212 f(a) \u2212 f(b) + f(0): ",
        make("b", affine ? "same" : "differ", {}, [affine ? "0" : shown(gap)]), affine
          ? " (rounding leaves " + shown(gap) + ")" : ", where scores reach " + shown(most)]));
      this.inside.replaceChildren(...parts);
      this.inside.hidden = false;
    }
  });

  function bars(title, scores, most) {  // the four scores, to both sides of 0
    return make("figure", "bars", {}, [make("figcaption", "", {}, [title])].concat(scores.map(function (score, k) {
      var bar = make("i", score < 0 ? "minus" : "plus"), size = 50 * Math.abs(score) / (most || 1);
      bar.style.left = (score < 0 ? 50 - size : 50) + "%";
      bar.style.width = size + "%";
      return make("div", "", {}, [make("span", "", {}, [tiny.KINDS[k]]), make("span", "track", {}, [bar]),
        make("span", "number", {}, [score.toFixed(2).replace("-", "\u2212")])]);
    })));
  }
})();
