/* What the board that trains computes (relupool.tiny): pictures, networks, gradients and Adam, as
   relupool.theory.tiny_network has them, number for number. A classic script, since modules do not load from file://; comes
   after site.js. */
(function () {
  "use strict";
  var SIDE = 16, KERNEL = 5, FILTERS = 8, POOL = 4, KINDS = ["upright", "level", "slanted", "checks"];
  var MAP = SIDE - KERNEL + 1, POOLED = MAP / POOL, AREA = MAP * MAP, PLACES = POOLED * POOLED, TAPS = KERNEL * KERNEL;
  var BIAS = FILTERS * TAPS, DENSE = BIAS + FILTERS, LAST = DENSE + PLACES * FILTERS * KINDS.length;
  var PARAMETERS = LAST + KINDS.length, BATCH = 16, STEPS = 100, LOOK = 5, TESTS = 200;
  var RATE = 0.005, BETA_1 = 0.9, BETA_2 = 0.999, EPSILON = 1e-7;
  var WAVE = [128, 118, 91, 49, 0, -49, -91, -118, -128, -118, -91, -49, 0, 49, 91, 118];
  var STRIDE = 3, NOISE = 96, DRAWS = 2 + SIDE * SIDE;

  function draws(seed, start) {  // mulberry32 from its number start on
    var a = seed + Math.imul(start, 0x6D2B79F5) | 0;
    return function () {
      a = a + 0x6D2B79F5 | 0;
      var t = Math.imul(a ^ a >>> 15, a | 1);
      t ^= t + Math.imul(t ^ t >>> 7, t | 61);
      return (t ^ t >>> 14) >>> 0;
    };
  }

  function streams(seed) {
    var next = draws(seed, 0);
    return { weights: next(), training: next(), testing: next() };
  }

  function picture(stream, place) {
    var next = draws(stream, place * DRAWS), kind = next() % KINDS.length, phases = next();
    var phase = phases % 16, other = (phases >>> 4) % 16, image = new Float64Array(SIDE * SIDE);
    for (var i = 0; i < image.length; i += 1) {
      var row = i / SIDE | 0, column = i % SIDE, bytes = next();
      var upright = WAVE[(STRIDE * column + phase) % 16], level = WAVE[(STRIDE * row + other) % 16];
      var made = kind === 0 ? upright : kind === 1 ? level
        : kind === 2 ? WAVE[(STRIDE * (row + column) + phase) % 16] : upright * level / 128;
      var noise = (bytes & 255) + (bytes >>> 8 & 255) + (bytes >>> 16 & 255) + (bytes >>> 24) - 510;
      image[i] = made / 128 + noise * NOISE / (128 * 148);
    }
    return { image: image, kind: kind };
  }

  function pictures(stream, first, count) {
    return Array.from({ length: count }, function (_, i) { return picture(stream, first + i); });
  }

  // relu is "before" the pool, "after" it or "none"; pool is "max" or "average".
  function network(relu, pool, seed) {
    var next = draws(streams(seed).weights, 0), weights = new Float64Array(PARAMETERS);
    var kernel = Math.sqrt(6 / (TAPS * (1 + FILTERS))), dense = Math.sqrt(6 / (PLACES * FILTERS + KINDS.length));
    for (var i = 0; i < PARAMETERS; i += 1) {
      var limit = i < BIAS ? kernel : i < DENSE ? 0 : i < LAST ? dense : 0;
      weights[i] = (next() / 2147483648 - 1) * limit;
    }
    return { relu: relu, pool: pool, weights: weights, step: 0, mean: new Float64Array(PARAMETERS),
      square: new Float64Array(PARAMETERS), gradient: new Float64Array(PARAMETERS), loss: NaN,
      maps: new Float64Array(FILTERS * AREA), entering: new Float64Array(FILTERS * AREA),
      chosen: new Int32Array(FILTERS * PLACES), left: new Float64Array(FILTERS * PLACES),
      pooled: new Float64Array(FILTERS * PLACES), scores: new Float64Array(KINDS.length) };
  }

  // Fills maps, entering (the pool), chosen and left (by the pool), pooled (with its ReLU, wherever that stands), scores.
  function forward(net, image) {
    var w = net.weights, maps = net.maps, f, i, x, y, o;
    for (f = 0; f < FILTERS; f += 1) {
      maps.fill(w[BIAS + f], f * AREA, (f + 1) * AREA);
      for (var row = 0; row < KERNEL; row += 1) {  // a row of the kernel at a time, unrolled: most of the work is here
        var at = f * TAPS + row * KERNEL, a = w[at], b = w[at + 1], c = w[at + 2], d = w[at + 3], e = w[at + 4];
        for (y = 0, o = f * AREA; y < MAP; y += 1) {
          for (x = (y + row) * SIDE, i = x + MAP; x < i; x += 1, o += 1) {
            maps[o] += a * image[x] + b * image[x + 1] + c * image[x + 2] + d * image[x + 3] + e * image[x + 4];
          }
        }
      }
    }
    for (i = 0; i < maps.length; i += 1) net.entering[i] = net.relu === "before" && !(maps[i] > 0) ? 0 : maps[i];
    for (f = 0; f < FILTERS; f += 1) {
      for (var place = 0; place < PLACES; place += 1) {
        var corner = f * AREA + (place / POOLED | 0) * POOL * MAP + place % POOLED * POOL, best = corner, sum = 0;
        for (i = 0; i < POOL * POOL; i += 1) {
          o = corner + (i >> 2) * MAP + (i & 3);
          sum += net.entering[o];
          if (net.entering[o] > net.entering[best]) best = o;
        }
        var out = place * FILTERS + f, left = net.pool === "max" ? net.entering[best] : sum / (POOL * POOL);
        net.chosen[out] = best;
        net.left[out] = left;
        net.pooled[out] = net.relu === "after" && !(left > 0) ? 0 : left;
      }
    }
    for (var k = 0; k < KINDS.length; k += 1) {
      var score = w[LAST + k];
      for (i = 0; i < net.pooled.length; i += 1) score += net.pooled[i] * w[DENSE + i * KINDS.length + k];
      net.scores[k] = score;
    }
    return net.scores;
  }

  function backward(net, image, byScores) {  // adds to the gradient
    var w = net.weights, gradient = net.gradient;
    function send(o, by) {  // what comes back to one value that has entered the pool
      if (by === 0 || net.relu === "before" && !(net.maps[o] > 0)) return;
      var f = o / AREA | 0, place = o % AREA, from = (place / MAP | 0) * SIDE + place % MAP, at = f * TAPS;
      gradient[BIAS + f] += by;
      for (var row = 0; row < KERNEL; row += 1, from += SIDE) {
        for (var column = 0; column < KERNEL; column += 1, at += 1) gradient[at] += by * image[from + column];
      }
    }
    for (var k = 0; k < KINDS.length; k += 1) gradient[LAST + k] += byScores[k];
    for (var i = 0; i < net.pooled.length; i += 1) {
      var by = 0;
      for (k = 0; k < KINDS.length; k += 1) {
        gradient[DENSE + i * KINDS.length + k] += net.pooled[i] * byScores[k];
        by += byScores[k] * w[DENSE + i * KINDS.length + k];
      }
      if (net.relu === "after" && !(net.left[i] > 0)) continue;
      if (net.pool === "max") {
        send(net.chosen[i], by);
        continue;
      }
      var place = i / FILTERS | 0, corner = i % FILTERS * AREA + (place / POOLED | 0) * POOL * MAP + place % POOLED * POOL;
      for (var inside = 0; inside < POOL * POOL; inside += 1) {
        send(corner + (inside >> 2) * MAP + (inside & 3), by / (POOL * POOL));
      }
    }
  }

  function train(net, batch) {  // one step of Adam on the mean cross-entropy
    var gradient = net.gradient, loss = 0, byScores = new Float64Array(KINDS.length);
    gradient.fill(0);
    batch.forEach(function (one) {
      var scores = forward(net, one.image), top = Math.max.apply(null, scores), sum = 0, k;
      for (k = 0; k < KINDS.length; k += 1) sum += byScores[k] = Math.exp(scores[k] - top);
      loss -= scores[one.kind] - top - Math.log(sum);
      for (k = 0; k < KINDS.length; k += 1) byScores[k] = (byScores[k] / sum - (k === one.kind)) / batch.length;
      backward(net, one.image, byScores);
    });
    net.step += 1;
    net.loss = loss / batch.length;
    var rate = RATE * Math.sqrt(1 - Math.pow(BETA_2, net.step)) / (1 - Math.pow(BETA_1, net.step));
    for (var i = 0; i < PARAMETERS; i += 1) {
      net.mean[i] += (gradient[i] - net.mean[i]) * (1 - BETA_1);
      net.square[i] += (gradient[i] * gradient[i] - net.square[i]) * (1 - BETA_2);
      net.weights[i] -= rate * net.mean[i] / (Math.sqrt(net.square[i]) + EPSILON);
    }
    return net.loss;
  }

  function right(net, one) {  // is the highest score that of the picture's kind?
    var scores = forward(net, one.image), best = 0;
    for (var k = 1; k < KINDS.length; k += 1) if (scores[k] > scores[best]) best = k;
    return best === one.kind;
  }

  function differing(one, other) {
    return one.weights.reduce(function (many, weight, i) { return many + (weight !== other.weights[i]); }, 0);
  }

  // f(a + b), and f(a) + f(b) - f(0), which is the same wherever f is affine.
  function misfit(net, a, b) {
    var f = function (image) { return Array.from(forward(net, image)); };
    var both = f(a.map(function (x, i) { return x + b[i]; })), one = f(a), two = f(b), none = f(new Float64Array(SIDE * SIDE));
    return { both: both, apart: one.map(function (x, k) { return x + two[k] - none[k]; }) };
  }

  // Of an affine network its picture of weights for each kind: what each pixel alone adds to the scores.
  function affineMap(net) {
    var image = new Float64Array(SIDE * SIDE), constant = Array.from(forward(net, image));
    var maps = KINDS.map(function () { return new Float64Array(SIDE * SIDE); });
    for (var i = 0; i < image.length; i += 1) {
      image[i] = 1;
      forward(net, image).forEach(function (score, k) { maps[k][i] = score - constant[k]; });
      image[i] = 0;
    }
    return { maps: maps, constant: constant };
  }

  relupool.tiny = { SIDE: SIDE, KERNEL: KERNEL, FILTERS: FILTERS, MAP: MAP, POOLED: POOLED, KINDS: KINDS,
    PARAMETERS: PARAMETERS, BATCH: BATCH, STEPS: STEPS, LOOK: LOOK, TESTS: TESTS, draws: draws, streams: streams,
    picture: picture, pictures: pictures, network: network, forward: forward, train: train, right: right,
    differing: differing, misfit: misfit, affineMap: affineMap };
})();
