"""Images made from a seed, for machines without CIFAR-10: patterned discs that a linear classifier cannot tell apart.

A disc with one of five patterns in one of two colourings lies on a ground with stripes of its own; the ten classes are
the pairs, the patterns in the first colouring first. A pattern's phase is random, so that each of its pixels is as
often light as dark, and so is every colour: the mean image of each class is the same grey. What tells classes apart are
products of pixels, of neighbours (the pattern) and of channels (the colouring). Mirroring leaves the class alone.

All arithmetic is on small integers, so every machine draws the same bytes from a seed.
"""

from __future__ import annotations

import numpy as np

PATTERNS = ("upright stripes", "level stripes", "slanted stripes", "checks", "rings")

BLOCK = 250  # images drawn at a time, each block from its own random numbers
RADIUS = (8, 12)  # of the disc, pixels
WAVELENGTH = (5, 9)  # of every pattern, pixels
TILT = 8  # greatest, either way, in 256ths of a turn
CONTRAST = (32, 72)  # amplitude of the disc's pattern, grey levels
GROUND = 36  # amplitude of the stripes around it
VEIL = 20  # amplitude of the stray stripes that lie over it
NOISE = 20  # greatest, either way, in each channel of each pixel

AXIS = np.arange(32, dtype=np.int16)
WAVE = np.round(127 * np.cos(2 * np.pi * np.arange(256) / 256)).astype(np.int16)  # one period, -127 to 127
ROOT8 = (8 * np.sqrt(np.arange(2 * 31**2 + 1))).astype(np.int16)  # 8 sqrt(n): distances in eighths of a pixel


def draw(seed: int = 0, train_images: int = 50_000, test_images: int = 10_000) -> list[np.ndarray]:
    """The arrays x_train, y_train, x_test, y_test.

    Images are uint8 ``(n, 32, 32, 3)``, labels uint8 ``(n,)``, 0 to 9. The first images do not depend on how many
    follow.
    """
    arrays = []
    for split, n in enumerate((train_images, test_images)):
        images, labels = np.empty((n, 32, 32, 3), np.uint8), np.empty(n, np.uint8)
        for start in range(0, n, BLOCK):
            part = slice(start, min(start + BLOCK, n))
            x, y = _block(np.random.default_rng([seed, split, start // BLOCK]))
            images[part], labels[part] = x[: part.stop - start], y[: part.stop - start]
        arrays += [images, labels]
    return arrays


def sheet(rows: int = 3) -> np.ndarray:
    """A picture of the set, uint8 ``(height, width, 3)``: a column for each class, its first ``rows`` test images."""
    _, _, images, labels = draw(0, 0, 100 * rows)
    framed = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=255)
    return np.hstack([np.vstack(framed[labels == label][:rows]) for label in range(10)])


def _block(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    labels = _whole(random, 0, 9)
    pattern, colouring = labels % len(PATTERNS), labels // len(PATTERNS)
    distance = _distance(random)
    # what follows are arrays (BLOCK, 32, 32), or with channels (BLOCK, 3, 32, 32)
    figure = _scale(_patterns(random, pattern, distance), _whole(random, *CONTRAST))
    blue = _sign(random)
    colours = np.stack([np.ones_like(blue), 1 - 2 * colouring, np.where(colouring, blue, -1)], axis=1)
    disc = _shade(random) + figure[:, None] * _channels(colours) + _stray(random, VEIL)
    ground = _shade(random) + _gradient(random) + _stray(random, GROUND)
    cover = np.clip(_whole(random, 8 * RADIUS[0], 8 * RADIUS[1])[:, None, None] - distance, 0, 16)[:, None]
    noise = random.integers(-NOISE, NOISE, disc.shape, np.int16, endpoint=True)
    image = (cover * disc + (16 - cover) * ground) // 16 + noise
    return np.clip(image, 0, 255).astype(np.uint8).transpose(0, 2, 3, 1), labels.astype(np.uint8)


def _patterns(random: np.random.Generator, pattern: np.ndarray, distance: np.ndarray) -> np.ndarray:
    angle = np.select([pattern == 1, pattern == 2], [64, 32 * _sign(random)], 0) + _whole(random, -TILT, TILT)
    stripes, across = _stripes(random, angle), _stripes(random, angle + 64)
    steps, phase = _steps(random), _whole(random, 0, 255)
    rings = WAVE[(steps[:, None, None] * distance // 8 + phase[:, None, None]) & 255]
    checks = (stripes * across + 50) // 101  # a little more than 127, so that checks are as strong as stripes
    pattern = pattern[:, None, None]
    return np.where(pattern == 3, checks, np.where(pattern == 4, rings, stripes))


def _stripes(random: np.random.Generator, angle: np.ndarray) -> np.ndarray:
    """Waves of random length and phase that run at ``angle`` (256ths of a turn) to the rows, ``(BLOCK, 32, 32)``."""
    steps = _steps(random)
    right, down = (_scale(WAVE[(angle - turn) & 255], steps)[:, None, None] for turn in (0, 64))
    return WAVE[(right * AXIS + down * AXIS[:, None] + _whole(random, 0, 255)[:, None, None]) & 255]


def _stray(random: np.random.Generator, amplitude: int) -> np.ndarray:
    """Stripes at any angle, whose colours say nothing: each channel has a sign of its own."""
    stripes = _scale(_stripes(random, _whole(random, 0, 255)), np.full(BLOCK, amplitude, np.int16))
    return stripes[:, None] * _channels(_sign(random, 3))


def _distance(random: np.random.Generator) -> np.ndarray:
    """Eighths of a pixel from a centre near the middle, ``(BLOCK, 32, 32)``."""
    x, y = (AXIS - _whole(random, 12, 19)[:, None] for _ in range(2))
    return ROOT8[x[:, None, :] ** 2 + y[:, :, None] ** 2]


def _gradient(random: np.random.Generator) -> np.ndarray:
    x, y = (_channels(_whole(random, -2, 2, 3)) for _ in range(2))
    return x * (AXIS - 16) + y * (AXIS - 16)[:, None]


def _shade(random: np.random.Generator) -> np.ndarray:
    return _channels(_whole(random, 70, 185, 3))


def _channels(values: np.ndarray) -> np.ndarray:
    return values[:, :, None, None]


def _steps(random: np.random.Generator) -> np.ndarray:
    """How far a wave advances from one pixel to the next, in 256ths of a period."""
    return _whole(random, 256 // WAVELENGTH[1], 256 // WAVELENGTH[0])


def _scale(wave: np.ndarray, amplitude: np.ndarray) -> np.ndarray:
    """``wave`` (-127 to 127) with each image's own amplitude, rounded to the nearest, which shifts no mean."""
    return (wave * amplitude.reshape(-1, *[1] * (wave.ndim - 1)) + 63) // 127


def _whole(random: np.random.Generator, low: int, high: int, *shape: int) -> np.ndarray:
    return random.integers(low, high, (BLOCK, *shape), np.int16, endpoint=True)


def _sign(random: np.random.Generator, *shape: int) -> np.ndarray:
    return 2 * _whole(random, 0, 1, *shape) - 1
