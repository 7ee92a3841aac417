/* <feature-maps src="figures/feature-maps.js">: choose an image, a channel, an activation and a pooling, and see the
   feature map in both orders, with a dot on each window where they differ. A classic script, since modules do not load
   from file://; comes after activations.js. A picture is on the page already, for readers without scripts; when it comes
   into view, this loads the maps (int8 pre-activations, see relupool.book.maps) and takes the picture's place. */
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

  function read(layer, images) {  // the int8 of a layer, and its map of one channel and one image, row by row
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
          this.append(element("p", { role: "status" }, ["The maps could not be loaded, so there is nothing to choose."]));
        });
      }, { rootMargin: "300px" });
      this.waiting.observe(this);
    }
    build(maps) {
      this.maps = maps;
      this.read = maps.layers.map(function (layer) { return read(layer, maps.images.length); });
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
      var image = this.image = panel(element("img", { class: "fig-auto", alt: "" }));
      var before = this.before = map(), activated = this.activated = map(), pooledOnly = this.pooled = map();
      this.ends = { activationFirst: map(), poolFirst: map() };
      this.answer = element("p", { role: "status", "aria-live": "polite" });
      this.images.classList.add("images");
      this.channels.classList.add("channels");
      this.images.querySelectorAll("input")[maps.start.image].checked = true;
      this.channels.querySelectorAll("input")[maps.start.channel].checked = true;
      this.querySelector("img").replaceWith(this.images, this.channels,
        element("div", { class: "controls" }, [this.layer.label, this.activation.label, this.pool.label]),
        element("div", { class: "answer" }, [this.answer, this.other]),
        element("div", { class: "maps" }, [element("div", { class: "start" }, [image.box, before.box]),
          activated.box, this.ends.activationFirst.box, pooledOnly.box, this.ends.poolFirst.box]));
      this.addEventListener("input", this.compare);
      this.other.addEventListener("click", () => { this.turn(); });
      new MutationObserver(() => { this.compare(); })  // dots have the page's colours
        .observe(document.documentElement, { attributeFilter: ["data-theme"] });
      this.compare();
    }
    chosen(group) { return Number(group.querySelector("input:checked").value); }
    turn() {  // to a pair that differs, or back to one that agrees
      var differs = this.outcome.differs.some(Boolean);
      this.activation.select.value = "relu";
      this.pool.select.value = differs ? "max" : "average";
      this.compare();
      if (differs || this.outcome.differs.some(Boolean)) return;
      this.activation.select.value = "tanh";  // a map without both signs has no window that ReLU and an average tell apart
      this.compare();
    }
    compare() {
      var place = Number(this.layer.select.value), layer = this.maps.layers[place], read = this.read[place];
      var image = this.chosen(this.images), channel = this.chosen(this.channels), side = layer.side;
      var label = ACTIVATIONS[this.activation.select.value][0], f = ACTIVATIONS[this.activation.select.value][1];
      var poolName = this.pool.select.value + "-pool", pool = POOLS[this.pool.select.value];
      var before = read(channel, image), activated = before.map(f), pooledBefore = pooled(before, side, pool);
      var activationFirst = pooled(activated, side, pool), poolFirst = pooledBefore.map(f);
      var differs = activationFirst.map(function (value, i) { return !same(value, poolFirst[i]); });
      var gap = Math.max.apply(null, activationFirst.map(function (value, i) { return Math.abs(value - poolFirst[i]); }));
      var many = differs.filter(Boolean).length, name = this.maps.images[image].name;
      this.outcome = { before: before, activationFirst: activationFirst, poolFirst: poolFirst, differs: differs };

      this.thumbs.forEach(function (canvas, i) { paint(canvas, read(i, image), 127 * layer.scales[i]); });
      this.channels.querySelector("legend").textContent = "channel, " + layer.channels.length + " of " + layer.of;
      this.image.picture.src = this.maps.images[image].png;
      this.image.picture.alt = name + ", as the network sees it";
      this.image.caption.textContent = name;
      var limit = 127 * layer.scales[channel];
      var draw = function (panel, map, caption, said, dots) {
        var out = Math.sqrt(map.length);
        paint(panel.picture, map, limit, dots);
        panel.caption.textContent = caption;
        panel.picture.setAttribute("aria-label", said + ": " + out + " by " + out + " values from " +
          shown(Math.min.apply(null, map)) + " to " + shown(Math.max.apply(null, map)));
      };
      draw(this.before, before, layer.name + ", channel " + layer.channels[channel], "what " + layer.name + " gives");
      draw(this.activated, activated, "\u2192 " + label, label);
      draw(this.ends.activationFirst, activationFirst, "\u2192 " + poolName, label + ", then " + poolName, differs);
      draw(this.pooled, pooledBefore, "\u2192 " + poolName, poolName);
      draw(this.ends.poolFirst, poolFirst, "\u2192 " + label, poolName + ", then " + label, differs);
      this.answer.textContent = label + " and " + poolName + "ing: " + (many
        ? many + " of " + differs.length + " windows differ, by up to " + shown(gap) + "; each has a dot."
        : "the same in both orders, in all " + differs.length + " windows.");
      this.other.textContent = many ? "show a pair that agrees" : "show a pair that differs";
    }
  });
})();
