/* <feature-maps src="figures/feature-maps.js">: choose an image, a channel, an activation and a pooling, and see the
   feature map in both orders, with a dot on each window where they differ. A classic script, since modules do not load
   from file://; comes after activations.js. A picture is on the page already, for readers without scripts; when that
   comes into view, this loads the maps (int8 pre-activations, see relupool.site.maps) and takes its place. */
(function () {
  "use strict";
  var ACTIVATIONS = relupool.ACTIVATIONS, POOLS = relupool.POOLS;
  var element = relupool.element, same = relupool.same, shown = relupool.shown;
  var OFFERED = ["relu", "leaky_relu", "tanh", "abs", "silu", "gelu", "linear"];
  var BELOW = "rgba(38, 132, 214, ", ABOVE = "rgba(226, 98, 30, ";  // of zero; seen on light and on dark pages

  var loading = {};
  function load(src) {
    loading[src] = loading[src] || new Promise(function (resolve, reject) {
      var script = element("script", { src: src });
      script.onload = function () { resolve(window.relupoolMaps); };
      script.onerror = reject;
      document.head.append(script);
    });
    return loading[src];
  }

  function reader(layer, images) {  // of a layer's map of one channel and one image, row by row
    var bytes = atob(layer.values), area = layer.side * layer.side;
    var values = Int8Array.from(bytes, function (byte) { return byte.charCodeAt(0); });
    return function (channel, image) {
      var start = (channel * images + image) * area, scale = layer.scales[channel];
      return Array.from(values.subarray(start, start + area), function (value) { return value * scale; });
    };
  }

  // Windows of 3 x 3, 2 apart, where "same" padding puts them; what lies beyond the border counts for nothing.
  function pooled(map, side, pool) {
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
  }

  function paint(canvas, map, limit, dots) {
    var side = Math.sqrt(map.length), cell = canvas.width / side, pen = canvas.getContext("2d");
    var page = dots && getComputedStyle(canvas);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    map.forEach(function (value, place) {
      var x = place % side * cell, y = Math.floor(place / side) * cell;
      pen.fillStyle = (value < 0 ? BELOW : ABOVE) + Math.min(Math.abs(value) / limit, 1) + ")";
      pen.fillRect(x, y, cell, cell);
      if (!dots || !dots[place]) return;
      pen.beginPath();
      pen.arc(x + cell / 2, y + cell / 2, cell * 0.17, 0, 2 * Math.PI);
      pen.lineWidth = cell * 0.1;
      pen.strokeStyle = page.getPropertyValue("--pst-color-background");  // a ring, so that it is seen on any colour
      pen.stroke();
      pen.fillStyle = page.color;
      pen.fill();
    });
  }

  function selection(label, options) {
    var select = element("select", {}, options.map(function (option) {
      return element("option", { value: option[0] }, [option[1]]);
    }));
    return { select: select, label: element("label", {}, [label + " ", select]) };
  }

  function choice(group, legend, items) {  // radio buttons that look like pictures
    return element("fieldset", {}, [element("legend", {}, [legend])].concat(items.map(function (item, place) {
      return element("label", { title: item.label }, [
        element("input", { type: "radio", name: group, value: place, "aria-label": item.label }), item.picture]);
    })));
  }

  function panel(picture) {
    var caption = element("p");
    return { picture: picture, caption: caption, box: element("div", {}, [picture, caption]) };
  }

  function map() { return panel(element("canvas", { role: "img", width: 480, height: 480 })); }

  customElements.define("feature-maps", class extends HTMLElement {
    connectedCallback() {
      if (this.waiting) return;
      this.waiting = new IntersectionObserver((seen) => {
        if (!seen.some(function (entry) { return entry.isIntersecting; })) return;
        this.waiting.disconnect();
        load(this.getAttribute("src")).then((maps) => { this.build(maps); }, () => {
          this.append(element("p", { role: "status" }, ["The maps could not be loaded."]));
        });
      }, { rootMargin: "300px" });
      this.waiting.observe(this);
    }
    build(maps) {
      this.maps = maps;
      this.read = maps.layers.map(function (layer) { return reader(layer, maps.images.length); });
      this.layer = selection("layer", maps.layers.map(function (layer, place) { return [place, layer.name]; }));
      this.activation = selection("activation", OFFERED.map(function (name) { return [name, ACTIVATIONS[name][0]]; }));
      this.pool = selection("pooling", Object.keys(POOLS).map(function (name) { return [name, name + "-pool"]; }));
      this.images = choice(this.id + "-image", "image", maps.images.map(function (image) {
        return { label: image.name, picture: element("img", { class: "fig-auto", src: image.png, alt: "" }) };
      }));
      this.thumbs = maps.layers[0].channels.map(function () { return element("canvas", { width: 96, height: 96 }); });
      this.channels = choice(this.id + "-channel", "channel", this.thumbs.map(function (canvas, place) {
        return { label: "channel " + maps.layers[0].channels[place], picture: canvas };
      }));
      this.other = element("button", { type: "button" });
      var panels = this.panels = { image: panel(element("img", { class: "fig-auto", alt: "" })), before: map(),
        activated: map(), activationFirst: map(), pooled: map(), poolFirst: map() };
      this.answer = element("p", { role: "status", "aria-live": "polite" });
      this.images.classList.add("images");
      this.channels.classList.add("channels");
      this.images.querySelectorAll("input")[maps.start.image].checked = true;
      this.channels.querySelectorAll("input")[maps.start.channel].checked = true;
      this.querySelector("img").replaceWith(this.images, this.channels,
        element("div", { class: "controls" }, [this.layer.label, this.activation.label, this.pool.label]),
        element("div", { class: "answer" }, [this.answer, this.other]),
        element("div", { class: "maps" }, [element("div", { class: "start" }, [panels.image.box, panels.before.box]),
          panels.activated.box, panels.activationFirst.box, panels.pooled.box, panels.poolFirst.box]));
      this.addEventListener("input", this.compare);
      this.other.addEventListener("click", () => { this.turn(); });
      new MutationObserver(() => { this.compare(); })  // dots have the page's colours
        .observe(document.documentElement, { attributeFilter: ["data-theme"] });
      this.compare();
    }
    chosen(group) { return Number(group.querySelector("input:checked").value); }
    turn() {  // to a pair that differs, or back to one that agrees
      var differed = this.differs;
      this.activation.select.value = "relu";
      this.pool.select.value = differed ? "max" : "average";
      this.compare();
      if (differed || this.differs) return;
      this.activation.select.value = "tanh";  // where no window has both signs, an average and ReLU agree
      this.compare();
    }
    get differs() { return this.outcome.differs.some(Boolean); }
    compare() {
      var place = this.layer.select.value, layer = this.maps.layers[place], read = this.read[place];
      var image = this.chosen(this.images), channel = this.chosen(this.channels);
      var f = ACTIVATIONS[this.activation.select.value][1], pool = POOLS[this.pool.select.value];
      var before = read(channel, image), activated = before.map(f), pooledBefore = pooled(before, layer.side, pool);
      var activationFirst = pooled(activated, layer.side, pool), poolFirst = pooledBefore.map(f);
      this.outcome = { before: before, activated: activated, pooled: pooledBefore,
        activationFirst: activationFirst, poolFirst: poolFirst,
        differs: activationFirst.map(function (value, i) { return !same(value, poolFirst[i]); }) };
      this.thumbs.forEach(function (canvas, i) { paint(canvas, read(i, image), 127 * layer.scales[i]); });
      this.show(layer, channel, this.maps.images[image]);
    }
    show(layer, channel, image) {
      var panels = this.panels, outcome = this.outcome, differs = outcome.differs;
      var act = ACTIVATIONS[this.activation.select.value][0], pool = this.pool.select.value + "-pool";
      var draw = function (name, caption, said, dots) {
        var panel = panels[name], map = outcome[name], side = Math.sqrt(map.length);
        paint(panel.picture, map, 127 * layer.scales[channel], dots);
        panel.caption.textContent = caption;
        panel.picture.setAttribute("aria-label", said + ": " + side + " by " + side + " values from " +
          shown(Math.min.apply(null, map)) + " to " + shown(Math.max.apply(null, map)));
      };
      draw("before", layer.name + ", channel " + layer.channels[channel], "what " + layer.name + " gives");
      draw("activated", "\u2192 " + act, act);
      draw("activationFirst", "\u2192 " + pool, act + ", then " + pool, differs);
      draw("pooled", "\u2192 " + pool, pool);
      draw("poolFirst", "\u2192 " + act, pool + ", then " + act, differs);
      panels.image.picture.src = image.png;
      panels.image.picture.alt = image.name + ", as the network sees it";
      panels.image.caption.textContent = image.name;
      this.channels.querySelector("legend").textContent = "channel, " + layer.channels.length + " of " + layer.of;

      var many = differs.filter(Boolean).length, windows = differs.length + " windows";
      var gap = Math.max.apply(null, outcome.poolFirst.map(function (value, i) {
        return Math.abs(value - outcome.activationFirst[i]);
      }));
      this.answer.textContent = act + " and " + pool + "ing: " + (many === 0
        ? "the same in both orders, in all " + windows + "."
        : many + " of " + windows + (many === 1 ? " differs" : " differ") + ", by up to " + shown(gap) +
          "; each has a dot.");
      this.other.textContent = many ? "show a pair that agrees" : "show a pair that differs";
    }
  });
})();
