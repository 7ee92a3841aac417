"""How near training comes to what a machine can do: what is counted, and the record of it."""

import pytest

from relupool import files
from relupool.instruments import bench
from relupool.measures import speeds

CONV1, CONV2, DENSE = 24 * 24 * 75 * 64, 12 * 12 * 1600 * 64, 2304 * 384 + 384 * 192 + 192 * 10
ROW = dict(zip(speeds.COLUMNS, ("this book, float32", 1000.0, 900.0, 1100.0, 1.5), strict=True))


def test_a_step_multiplies_three_times_but_for_the_gradient_of_the_images():
    assert bench.multiply_adds() == 128 * (2 * CONV1 + 3 * (CONV2 + DENSE))


@pytest.mark.parametrize("yardstick", [lambda: bench.products("float32"), bench.moved_bytes], ids=["products", "bytes"])
def test_a_yardstick_takes_as_many_steps_as_it_is_told(monkeypatch, yardstick):
    monkeypatch.setattr(bench, "BATCH", 1)
    assert yardstick()(2) is None


def test_a_record_is_read_and_a_turned_one_refused(tmp_path):
    path = tmp_path / "speed.json"
    path.write_bytes(files.sealed({"device": "a CPU", "contenders": [ROW]}, indent=1))
    found = speeds.read(path)
    assert (found.to_dict("records"), found.attrs) == ([ROW], {"device": "a CPU"})
    path.write_bytes(path.read_bytes().replace(b"1000.0", b"9000.0"))
    with pytest.raises(ValueError, match=r"speed\.json: not what `relupool bench training` writes: its SHA-256"):
        speeds.read(path)
    path.write_bytes(files.sealed({"contenders": [ROW | {"ratio": -1}]}))
    with pytest.raises(ValueError, match=r"contenders is .*numbers above 0"):
        speeds.read(path)
