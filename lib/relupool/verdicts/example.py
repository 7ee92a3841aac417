"""The example's documents, held against what this book counts and measures."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from relupool.verdicts import documented
from relupool.verdicts.headline import LONG, POINT, at_the_end

DRAW = 0.01
"""How far the draw of the initial weights may move the loss at step 0."""


def averaging_gain(frame: pd.DataFrame, *, network: str = "untouched") -> float:
    """Final accuracy of the averaged weights minus that of the raw ones, mean over the seeds of ``network``."""
    ours = frame[frame["network"] == network]
    return at_the_end(ours)["accuracy"].mean() - at_the_end(ours, weights="raw")["accuracy"].mean()


def beside(*, parameters: int, multiply_adds: int, first_loss: float, frame: pd.DataFrame) -> pd.DataFrame:
    """What the tutorial page says of the network beside what was found: columns what, page, here, verdict.

    A count holds if it rounds to what the page prints, the loss if it comes within :data:`DRAW` of it. The gain of
    averaging is held against the page only from :data:`~relupool.verdicts.headline.LONG` steps on, and holds within a
    point. ``frame`` is of the result store.
    """
    gain, steps = averaging_gain(frame), int(frame["steps"].min())
    said = documented.FIRST_LOSSES[0]
    agrees = abs(gain - documented.AVERAGING_GAIN) <= POINT
    rows = [
        _row("parameters", documented.PARAMETERS, parameters, "{:,}".format),
        _row("multiply-adds for an image", documented.MULTIPLY_ADDS, multiply_adds, lambda n: f"{n / 1e6:.1f} million"),
        {
            "what": "loss at step 0",
            "page": f"{said:.2f}",
            "here": f"{first_loss:.4f}",
            "verdict": "holds" if abs(first_loss - said) <= DRAW else "fails",
        },
        {
            "what": "gained by averaging the weights",
            "page": f"about {100 * documented.AVERAGING_GAIN:.0f} points",
            "here": f"{100 * gain:+.1f} points after {steps:,} steps".replace("-", "−"),
            "verdict": "not decided: run length" if steps < LONG else "holds" if agrees else "fails",
        },
    ]
    return pd.DataFrame(rows)


def _row(what: str, page: float, here: float, written: Callable[[float], str]) -> dict[str, str]:
    same = written(page) == written(here)
    return {"what": what, "page": written(page), "here": written(here), "verdict": "holds" if same else "fails"}
