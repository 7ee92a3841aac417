/* What the elements of the book share (window.relupool): the activations and pools that they offer, a map's windows, numbers
   as they show them, when two are the same, how maps are drawn, and how a part of a page or of a drawing is made. A
   classic script, since modules do not load from file://. */
(function () {
  "use strict";
  var erf = function (x) {  // Abramowitz and Stegun 7.1.26, error below 1.5e-7
    var t = 1 / (1 + 0.3275911 * Math.abs(x));
    var tail = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
    return Math.sign(x) * (1 - tail * Math.exp(-x * x));
  };
  var RAISED = "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";  // the signs -0123456789 as a power has them
  var SVG = ["svg", "g", "circle", "line", "polyline", "text", "title"];
  var sigmoid = function (x) { return 1 / (1 + Math.exp(-x)); };
  window.relupool = {
    ACTIVATIONS: {
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
    },
    POOLS: {
      "max": function (xs) { return Math.max.apply(null, xs); },
      "average": function (xs) { return xs.reduce(function (a, b) { return a + b; }, 0) / xs.length; }
    },
    pooled: function (map, side, pool) {  // windows of 3 x 3, 2 apart, where "same" padding puts them; beyond the border is nothing
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
    },
    signed: function (limit) {  // the colour of a number: green above zero, pink below, 0 clear; seen on light and on dark pages
      return function (value) {
        return (value < 0 ? [192, 80, 159] : [27, 158, 119]).concat(255 * Math.min(1, Math.abs(value) / limit || 0));
      };
    },
    tiles: function (canvas, values, side, colour) {  // squares of side * side values in a row, each as high as the canvas
      var many = values.length / (side * side), size = canvas.height, pen = canvas.getContext("2d");
      var scratch = relupool.element("canvas", { width: side, height: side }), drawn = scratch.getContext("2d");
      var dots = drawn.createImageData(side, side);
      pen.clearRect(0, 0, canvas.width, size);
      pen.imageSmoothingEnabled = false;
      for (var tile = 0; tile < many; tile += 1) {
        for (var i = 0; i < side * side; i += 1) dots.data.set(colour(values[tile * side * side + i]), 4 * i);
        drawn.putImageData(dots, 0, 0);
        pen.drawImage(scratch, many === 1 ? 0 : Math.round(tile * (canvas.width + 8) / many), 0, size, size);
      }
    },
    shown: function (x) {
      var power = function (_, digits) {
        return "\u00a0\u00d7\u00a010" + digits.replace(/./g, function (sign) { return RAISED["-0123456789".indexOf(sign)]; });
      };
      return String(Number(x.toPrecision(4))).replace(/e\+?(.*)/, power).replace(/-/g, "\u2212");
    },
    same: function (a, b) {  // sums of doubles are rounded
      return a === b || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
    },
    element: function (name, attributes, children) {
      var node = SVG.indexOf(name) < 0 ? document.createElement(name)
        : document.createElementNS("http://www.w3.org/2000/svg", name);
      Object.keys(attributes || {}).forEach(function (key) { node.setAttribute(key, attributes[key]); });
      (children || []).forEach(function (child) { node.append(child); });
      return node;
    }
  };
})();
