"""Every chapter once with other parameters than its own: its text, its captions and what it prints turn with them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from frames import AVERAGE, LOST, MAX, stored
from notebooks import CHAPTERS, Shown
from relupool.book import sources
from relupool.book.build import Build
from relupool.book.execute import execute
from relupool.experiments.studies import BASELINE, BIGGER, SCALE
from relupool.measures.bigger import RESNET, family_of, fraction_of

pytestmark = pytest.mark.book


def convolution(shown: Shown) -> None:
    says(shown, "but followed by `relu` it is not", "`relu`, which follows it here, that breaks the law")
    says(shown, "does not do the", "The rank is 1,728 of 1,728, so nothing is lost.", "full for almost all")
    says_not(shown, "and all agree", "Three layers did the work")
    assert shown.figures.keys() == {"fig-templates", "fig-toeplitz", "fig-collapse", "fig-linear-networks"}
    assert shown.figures["fig-templates"].tag.endswith("steps, one seed, trained for this page")


def maximum(shown: Shown) -> None:
    says(shown, "max-pool selected, kept order and scale", "if and only if the largest")
    assert shown.figures.keys() == {"fig-max-folds", "fig-regions-line", "fig-regions-plane"}


def order(shown: Shown) -> None:
    assert shown.figures["fig-both-orders"].caption.startswith("Both orders give different")
    assert "gives more." in shown.figures["fig-jensen"].caption
    assert re.search(r", max-pool of .*both orders differed in", shown.text)
    assert len(shown.figures) == 6


def experiment(shown: Shown) -> None:
    answer, _, rest = shown.text.partition("The asker")
    assert "which is almost nothing" not in answer
    says(shown, "Here it is 0.1 points.")
    assert "costs this network almost nothing" not in answer + rest
    assert next(iter(shown.figures)) == "fig-grid"
    assert shown.figures["fig-grid"].tag == "CIFAR-10, 1,000 steps, 3 seeds"
    assert "within 0.1 points of no difference" in shown.figures["fig-single-changes"].caption
    assert shown.figures["fig-superposition"].tag != "computed, nothing trained"


def windows(shown: Shown) -> None:
    says(shown, "the same network trained without these ReLUs")
    named = ["windows-trained", "one-channel", "correlation", "channels", "gates"]
    assert list(shown.figures) == [f"fig-{name}" for name in named]
    assert "How many of 4 normal values" in shown.figures["fig-correlation"].caption
    assert "[24, 24, 24, 24, 24] of 120" in shown.printed


def scale(shown: Shown) -> None:
    says(shown, f"Without half of its ReLUs a {RESNET} loses 25.0 points", "The prediction was not refuted.")
    says_not(shown, "no better than softmax", "maxout more than all")


def answers(shown: Shown) -> None:
    ((confirmed, all_of_them),) = re.findall(r"this time (\d+) of (\d+) statements came out as they should", shown.text)
    assert confirmed == all_of_them


def flipped(shown: Shown) -> None:
    says(shown, "Keras does not (")
    assert "keras.ops.conv returns the kernel turned by half a turn" in shown.figures["fig-flipping"].caption
    assert "scipy.signal.convolve returns the kernel as it is" in shown.figures["fig-flipping"].caption


def rounding(shown: Shown) -> None:
    assert "softplus" in shown.figures["fig-rounding-falls"].caption
    assert shown.figures.keys() == {"fig-rounding-falls", "fig-rounding-bends"}


def between(shown: Shown) -> None:
    assert shown.figures


def cost(shown: Shown) -> None:
    says(shown, "Now, on this machine", "In each of 6 rounds")


def rebuilt(shown: Shown) -> None:
    says(shown, "0 more brightness moves a standardized value by at most 0 standard")
    moved = re.search(r"contrast times 1 by up to (\d+\.\d)", shown.text)
    assert moved and float(moved[1]) == 0
    assert list(shown.figures) == ["fig-claims-vs-measured"]


ALTERED: dict[str, tuple[dict[str, Any], Callable[[Shown], None]]] = {
    "01": ({"live_steps": 1, "activation": "relu", "kernel_size": 2, "seed": 3}, convolution),
    "02": ({"pool_size": 2, "image": 9, "seed": 7}, maximum),
    "03": ({"activation": "gelu", "pool_size": 2, "seed": 3}, order),
    "04": ({"margin": 0.1, "weights": "raw", "read_at": 1000, "train_steps": 1}, experiment),
    "05": ({"with_relu": False, "values": 4}, windows),
    "06": ({"step": 391, "spread": 4.0}, scale),
    "07": ({"trials": 40, "seed": 5}, answers),
    "A": ({"kernel_size": 4}, flipped),
    "B": ({"activation": "softplus"}, rounding),
    "C": ({"pool_size": 2, "seed": 5}, between),
    "D": ({"measure": True, "rounds": 6}, cost),
    "E": ({"brightness": 0.0, "contrast": 1.0}, rebuilt),
}


def says(shown: Shown, *sentences: str) -> None:
    assert [sentence for sentence in sentences if sentence not in shown.text] == []


def says_not(shown: Shown, *sentences: str) -> None:
    assert [sentence for sentence in sentences if sentence in shown.text] == []


def other_runs(folder: Path) -> Path:
    """Runs in which more is lost, and maxout gains no more than ReLU, than in those that are stored."""
    ends = AVERAGE | {"maxout, equal parameters": AVERAGE["ReLU"]}
    labels = {f"average pool, {name}": end for name, end in ends.items()}
    stored(folder, SCALE, labels | {f"max pool, {name}": end for name, end in MAX.items()})
    networks = BIGGER.networks.items()
    stored(folder, BIGGER, {label: 0.9 - LOST[family_of(n)] * (1 - fraction_of(n.activation)) for label, n in networks})
    stored(folder, BASELINE, {"softmax regression": 0.3})
    return folder


def test_every_chapter_is_altered() -> None:
    assert [name.partition("_")[0] for name in sources.chapters(CHAPTERS.parent)] == list(ALTERED)


@pytest.mark.parametrize("name", ALTERED)
def test_a_chapter_turns_with_its_parameters(name: str, tmp_path: Path) -> None:
    values, check = ALTERED[name]
    build = Build(results=other_runs(tmp_path / "results")) if name == "06" else Build()
    execute(sources.chapter(name, CHAPTERS.parent), tmp_path / "out", build, values)
    check(Shown.of(tmp_path / "out" / "executed.ipynb"))


@pytest.mark.jax
@pytest.mark.parametrize("name", ALTERED)
def test_a_chapter_passes_under_jax_without_tensorflow(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['tensorflow'] = None")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    made = execute(sources.chapter(name, CHAPTERS.parent), tmp_path / "out", Build(backend="jax"), {})
    assert made["backend"] in ("jax", "")
