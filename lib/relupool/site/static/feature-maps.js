/* <feature-maps>: what the first layer of a trained network makes of a photograph, in both orders of activation and pool. A
   classic script, since modules do not load from file://; comes after site.js. The maps that it begins with are on the
   page already, as pictures; the element's attributes hold the photographs and the layer's weights (see
   relupool.figures.maps), so that this can compute all others. */
(function () {
  "use strict";
  var ACTIVATIONS = relupool.ACTIVATIONS, POOLS = relupool.POOLS, make = relupool.element, shown = relupool.shown;
  var OFFERED = ["relu", "leaky_relu", "tanh", "gelu", "silu", "abs", "linear"];
  var SIDE = 24, OUT = 12, KERNEL = 5, COLOURS = 3;

  function bytes(text) { return Uint8Array.from(atob(text), function (sign) { return sign.charCodeAt(0); }); }

  function halves(text) {  // numbers of 16 bits, the low byte first
    var both = bytes(text);
    return Float64Array.from({ length: both.length / 2 }, function (_, place) {
      var high = both[2 * place + 1], fraction = (high & 3) * 256 + both[2 * place], power = high >> 2 & 31;
      return (high & 128 ? -1 : 1) * (power ? (1024 + fraction) * Math.pow(2, power - 25) : fraction * Math.pow(2, -24));
    });
  }

  function standardized(pixels) {  // mean 0 and standard deviation 1, as the network sees a photograph
    var mean = POOLS.average(pixels), spread = Math.sqrt(POOLS.average(pixels.map(function (x) { return (x - mean) * (x - mean); })));
    return pixels.map(function (x) { return (x - mean) / Math.max(spread, 1 / Math.sqrt(pixels.length)); });
  }

  function convolved(image, kernel, bias) {  // a map for each channel; zeros beyond the border
    var many = bias.length, reach = KERNEL >> 1, maps = Array.from(bias, function (start) { return new Array(SIDE * SIDE).fill(start); });
    for (var place = 0; place < SIDE * SIDE; place += 1) {
      for (var tap = 0; tap < KERNEL * KERNEL; tap += 1) {
        var row = Math.floor(place / SIDE) + Math.floor(tap / KERNEL) - reach, column = place % SIDE + tap % KERNEL - reach;
        if (row < 0 || row >= SIDE || column < 0 || column >= SIDE) continue;
        for (var colour = 0; colour < COLOURS; colour += 1) {
          var x = image[(row * SIDE + column) * COLOURS + colour], at = (tap * COLOURS + colour) * many;
          for (var channel = 0; channel < many; channel += 1) maps[channel][place] += x * kernel[at + channel];
        }
      }
    }
    return maps;
  }

  function total(values) { return values.reduce(function (sum, value) { return sum + Math.abs(value); }, 0); }
  function percent(share) { return (100 * share).toFixed(1) + "\u00a0%"; }

  function radios(name, legend, items) {  // [what it is called, what is seen of it]
    return make("fieldset", { "class": name.split(" ")[1] }, [make("legend", {}, [legend])].concat(items.map(function (item, place) {
      return make("label", { title: item[0] }, [make("input", { type: "radio", name: name, value: place, "aria-label": item[0] }), item[1]]);
    })));
  }
  function chosen(group) { return Number(group.querySelector("input:checked").value); }
  function choose(group, place) { group.querySelectorAll("input")[place].checked = true; }

  customElements.define("feature-maps", class extends HTMLElement {
    connectedCallback() {
      if (this.images) return;
      var data = this.dataset, names = data.names.split("|"), pixels = bytes(data.pixels), size = SIDE * SIDE * COLOURS;
      this.kernel = halves(data.kernel);
      this.bias = halves(data.bias);
      this.photographs = names.map(function (_, place) { return Array.from(pixels.subarray(place * size, (place + 1) * size)); });
      this.images = radios(this.id + " images", "picture", names.map((name, place) => [name, this.photograph(place, 48)]));
      this.channels = radios(this.id + " channels", "filter: the larger its dot, the larger the gap",
        Array.from(this.bias, function (_, place) { return ["filter " + place, make("i")]; }));
      this.pools = radios(this.id + " pools", "pool", Object.keys(POOLS).map(function (name) { return [name + "-pool", name + "-pool"]; }));
      this.activation = make("select", {}, OFFERED.map(function (name) { return make("option", { value: name }, [ACTIVATIONS[name][0]]); }));
      choose(this.images, data.image);
      choose(this.channels, data.channel);
      choose(this.pools, Object.keys(POOLS).indexOf("average"));
      this.figures = Array.from(this.querySelectorAll(".maps > div"));
      this.canvases = this.figures.slice(0, 4).map(function (figure) {
        var canvas = make("canvas", { width: 288, height: 288, role: "img" });
        figure.querySelector("img").replaceWith(canvas);
        return canvas;
      });
      this.dots = this.querySelector("svg");
      this.frames = this.figures.map(function (figure) { return figure.firstElementChild.appendChild(make("i")); });
      this.told = this.querySelector("[role=status]");
      this.numbers = make("p", { "class": "numbers" });
      this.told.after(this.numbers);
      this.prepend(make("p", { "class": "task" }, ["Which dots are left with the max-pool? And with the max-pool and GELU?"]),
        this.images, make("div", { "class": "controls" }, [this.pools, make("label", {}, ["activation ", this.activation])]), this.channels);
      this.walk();
      this.addEventListener("input", () => { this.show(); });
      this.place = -1;
      this.show();
    }
    photograph(image, side) {
      var pixels = this.photographs[image], canvas = make("canvas", { width: side, height: side, "aria-hidden": "true" });
      this.draw(canvas, pixels);
      return canvas;
    }
    draw(canvas, pixels) {
      var places = Array.from({ length: SIDE * SIDE }, function (_, place) { return place; });
      relupool.tiles(canvas, places, SIDE, function (place) { return pixels.slice(COLOURS * place, COLOURS * (place + 1)).concat(255); });
    }
    walk() {  // among the windows: by pointer over any map, by arrow keys on the last
      var last = this.dots.parentNode;
      Object.entries({ role: "slider", tabindex: 0, "aria-label": "window", "aria-valuemin": 1, "aria-valuemax": OUT * OUT })
        .forEach(function (pair) { last.setAttribute(pair[0], pair[1]); });
      last.addEventListener("keydown", (event) => {
        var step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -OUT, ArrowDown: OUT }[event.key];
        if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
        event.preventDefault();
        if (this.place + step >= 0 && this.place + step < OUT * OUT) this.point(this.place + step);
      });
      this.frames.forEach((frame) => {
        var box = frame.parentNode, at = (event) => {
          var where = box.getBoundingClientRect(), cell = function (part) { return Math.max(0, Math.min(OUT - 1, Math.floor(OUT * part))); };
          this.point(cell((event.clientY - where.top) / where.height) * OUT + cell((event.clientX - where.left) / where.width));
        };
        box.addEventListener("pointermove", at);
        box.addEventListener("pointerdown", at);
      });
    }
    show() {
      var image = chosen(this.images), channel = chosen(this.channels), pool = Object.keys(POOLS)[chosen(this.pools)];
      var name = ACTIVATIONS[this.activation.value][0], f = ACTIVATIONS[this.activation.value][1];
      if (image !== this.seen) this.maps = convolved(standardized(this.photographs[image]), this.kernel, this.bias);
      this.seen = image;
      this.outcomes = this.maps.map(function (map) {
        var first = relupool.pooled(map.map(f), SIDE, POOLS[pool]), last = relupool.pooled(map, SIDE, POOLS[pool]).map(f);
        var gap = first.map(function (value, place) { return relupool.same(value, last[place]) ? 0 : value - last[place]; });
        return { before: map, first: first, last: last, gap: gap, share: total(gap) / (total(first) || 1) };
      });
      this.outcome = this.outcomes[channel];
      this.orders = [name + ", then " + pool + "-pool", pool + "-pool, then " + name];
      this.channels.querySelectorAll("label").forEach((label, place) => {
        var share = this.outcomes[place].share, said = "filter " + place + ": gap " + percent(share);
        label.title = said;
        label.firstElementChild.setAttribute("aria-label", said);
        label.lastElementChild.style.setProperty("--size", Math.sqrt(Math.min(1, share)));
      });
      this.paint(image);
      this.told.textContent = this.sentence(channel, name);
      this.point(this.place < 0 ? this.outcome.gap.map(Math.abs).reduce(function (best, gap, place, all) { return gap > all[best] ? place : best; }, 0) : this.place);
    }
    paint(image) {
      var outcome = this.outcome, limit = Math.max.apply(null, outcome.first.concat(outcome.last).map(Math.abs)) || 1;
      var said = [this.dataset.names.split("|")[image], "before the activation", this.orders[0], this.orders[1]];
      this.draw(this.canvases[0], this.photographs[image]);
      [outcome.before, outcome.first, outcome.last].forEach((map, place) => {
        relupool.tiles(this.canvases[place + 1], map, Math.sqrt(map.length), relupool.signed(limit));
      });
      said.forEach((words, place) => {
        this.canvases[place].setAttribute("aria-label", words);
        this.figures[place].querySelector("p").textContent = words;
      });
      this.dots.replaceChildren(...outcome.gap.map(function (gap, place) {
        var r = 0.5 * Math.sqrt(Math.abs(gap) / limit);
        return make("circle", { cx: place % OUT + 0.5, cy: Math.floor(place / OUT) + 0.5, r: r.toFixed(3) });
      }));
    }
    sentence(channel, name) {
      var outcome = this.outcome, many = outcome.gap.filter(Boolean).length, windows = outcome.gap.length + " windows";
      var all = total(this.outcomes.map(function (one) { return total(one.gap); })) /
        (total(this.outcomes.map(function (one) { return total(one.first); })) || 1);
      return "Filter " + channel + ": " + (many ? "the orders differ in " + many + " of " + windows + "; the gap is " +
        percent(outcome.share) + " of what " + name + " first gives" : "the same in both orders, in all " + windows) +
        ". All " + this.outcomes.length + " filters: " + (all ? percent(all) : "no gap at all") + ".";
    }
    point(place) {  // at a window: its frame in every map, and its numbers
      var row = Math.floor(place / OUT), column = place % OUT, outcome = this.outcome, box = this.dots.parentNode;
      this.place = place;
      this.frames.forEach(function (frame, map) {  // windows of 3 x 3 in the first two; at the end they hang over
        var cells = map < 2 ? SIDE : OUT, start = map < 2 ? 2 : 1, wide = function (at) { return Math.min(map < 2 ? 3 : 1, cells - start * at); };
        [["left", start * column], ["top", start * row], ["width", wide(column)], ["height", wide(row)]]
          .forEach(function (pair) { frame.style[pair[0]] = 100 * pair[1] / cells + "%"; });
      });
      var words = "Window in row " + (row + 1) + ", column " + (column + 1) + ": " + this.orders[0] + " " + shown(outcome.first[place]) + "; " +
        this.orders[1] + " " + shown(outcome.last[place]) + "; gap " + shown(outcome.gap[place]) + ".";
      this.numbers.textContent = words;
      box.setAttribute("aria-valuenow", place + 1);
      box.setAttribute("aria-valuetext", words);
    }
  });
})();
