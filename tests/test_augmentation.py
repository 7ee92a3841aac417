import numpy as np
import pytest

from relupool.experiments import augmentation
from relupool.experiments.data import channel_scale, normalize

draws = augmentation.draws

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3), dtype=np.uint8)
SETTINGS = {"seed": 4, "batch_size": 8, "train_images": 20}


def oracle(image, top, left, flip, brightness, contrast):
    """One crop by the example's recipe in float64, one operation after the other."""
    crop = image[top : top + 24, left : left + 24].astype("float64")
    if flip:
        crop = crop[:, ::-1]
    crop = crop + brightness
    mean = crop.mean(axis=(0, 1))
    crop = (crop - mean) * contrast + mean
    return (crop - crop.mean()) / max(crop.std(), 1 / np.sqrt(1728))


def crops_of(rows, images=IMAGES):
    return np.asarray(augmentation.AugmentedCrops(images)(np.asarray(rows, "float32")))


def test_crops_follow_the_recipe():
    rows = draws(0, 10, **SETTINGS)
    expected = [oracle(IMAGES[int(r[0])], int(r[1]), int(r[2]), int(r[3]), r[4], r[5]) for r in rows]
    np.testing.assert_allclose(crops_of(rows), expected, atol=2e-5)


def test_every_image_is_taken_once_an_epoch_in_a_new_order():
    order = draws(0, 10, **SETTINGS)[:, 0].reshape(4, 20)
    assert (np.sort(order) == np.arange(20)).all()
    assert len({tuple(epoch) for epoch in order}) == 4


def test_training_can_be_cut_anywhere_and_the_seed_decides():
    whole = draws(0, 9, **SETTINGS)
    cut = np.concatenate([draws(first, last, **SETTINGS) for first, last in ((0, 1), (1, 6), (6, 9))])
    np.testing.assert_array_equal(whole, cut)
    assert not np.array_equal(whole, draws(0, 9, **{**SETTINGS, "seed": 5}))


def test_the_draws_fill_their_ranges():
    rows = draws(0, 100, seed=0, batch_size=128, train_images=50_000)
    assert {tuple(offset) for offset in rows[:, 1:3].astype(int)} == {(i, j) for i in range(9) for j in range(9)}
    assert rows[:, 3].mean() == pytest.approx(0.5, abs=0.02)
    for column, low, high in ((4, -63, 63), (5, 0.2, 1.8)):
        span = high - low
        assert low <= rows[:, column].min() < low + 0.01 * span
        assert high - 0.01 * span < rows[:, column].max() <= high


def test_brightness_cancels_and_contrast_only_where_the_channels_means_agree():
    still, bright, flat = (crops_of([[3, 4, 4, 0, b, c]]) for b, c in ((0, 1), (50, 1), (0, 0.3)))
    assert np.abs(bright - still).max() < 1e-5
    assert np.abs(flat - still).max() > 0.05
    grey = np.repeat(IMAGES[..., :1], 3, axis=-1)
    still, flat = (crops_of([[3, 4, 4, 0, 0, c]], grey) for c in (1, 0.3))
    assert np.abs(flat - still).max() < 1e-5


def test_crops_are_standardized_and_a_constant_image_becomes_zero():
    crops = crops_of(draws(0, 2, **SETTINGS))
    np.testing.assert_allclose(crops.mean(axis=(1, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(crops.var(axis=(1, 2, 3)), 1, atol=1e-4)
    constant = np.full((1, 32, 32, 3), 77, np.uint8)
    assert np.abs(crops_of([[0, 0, 0, 1, 10.5, 1.3]], constant)).max() < 1e-2


def test_padded_crops_are_of_normalized_images():
    rows = draws(0, 10, **SETTINGS)
    mean, sd = (statistic(axis=(0, 1, 2), dtype=float) for statistic in (IMAGES.mean, IMAGES.std))
    expected = []
    for image, top, left, flip in rows[:, :4].astype(int):
        padded = np.pad((IMAGES[image] - mean) / sd, [(4, 4), (4, 4), (0, 0)])[top : top + 32, left : left + 32]
        expected.append(padded[:, ::-1] if flip else padded)
    np.testing.assert_allclose(np.asarray(augmentation.PaddedCrops(IMAGES)(rows)), expected, atol=1e-5)


def test_channel_scale_is_that_of_numpy_and_a_constant_channel_is_left_in_place():
    mean, sd = channel_scale(IMAGES)
    np.testing.assert_allclose(mean, IMAGES.mean((0, 1, 2), dtype=float), rtol=1e-6)
    np.testing.assert_allclose(sd, IMAGES.std((0, 1, 2), dtype=float), rtol=1e-6)
    constant = np.full((2, 32, 32, 3), 7, np.uint8)
    assert not normalize(constant, channel_scale(constant)).any()
