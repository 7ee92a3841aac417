"""Numbers as captions and labels write them, so that each is taken from a frame and typed nowhere."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import pandas as pd

from relupool.thresholds import LEVEL

NBSP = "\N{NO-BREAK SPACE}"

ACTIVATIONS = {"relu": "ReLU", "gelu": "GELU", "silu": "SiLU", "elu": "ELU", "selu": "SELU"}
"""How people write what Keras spells in small letters."""

LEVEL_WORDS = f"{100 * LEVEL:g} %"
"""Coverage of the intervals, in words."""

NUMERALS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

Format = str | Callable[[Any], str]
"""How a column writes its numbers: a format such as "{:.1f}", or a function such as :func:`p_value`."""


def named(activation: str) -> str:
    """What pages and figures call an activation of Keras."""
    return ACTIVATIONS.get(activation, activation)


def written(value: float, form: str) -> str:
    """``form`` filled with ``value`` rounded as people round, halves up: 81.05 is "81.1" by "{:.1f}".

    Its last bits, in which a mean differs by the way it was summed, are left out first.
    """
    if not math.isfinite(value) or not form.rstrip("}").endswith(("f", "%")):
        return form.format(float(f"{value:.12g}"))
    with localcontext() as context:
        context.rounding = ROUND_HALF_UP
        return form.format(Decimal(f"{value:.12g}"))


def hundredfold(fraction: float, digits: int = 1, sign: str = "") -> str:
    """``hundredfold(0.8342)`` is "83.4": an accuracy in per cent, or a difference in points; "+" signs all but zero."""
    text = written(100 * fraction, f"{{:{sign}.{digits}f}}")
    return (text if float(text) else text.lstrip("+-")).replace("-", "\N{MINUS SIGN}")


def percent(fraction: float, digits: int = 1) -> str:
    """``percent(0.8342)`` is "83.4 %", with a space that does not break."""
    return f"{hundredfold(fraction, digits)}{NBSP}%"


def scientific(value: float) -> str:
    """``scientific(2.4e-7)`` is "2.4 × 10⁻⁷"; numbers from a thousandth to a thousand are written out, "0.17"."""
    if value == 0 or 1e-3 <= abs(value) < 1e3:
        return f"{value:{'.2g' if abs(value) < 100 else '.0f'}}".replace("-", "\N{MINUS SIGN}")
    mantissa, exponent = f"{value:.1e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa}{NBSP}×{NBSP}10{raised}".replace("-", "\N{MINUS SIGN}")


def with_interval(mean: float, low: float, high: float) -> str:
    """A mean with half the width of its interval, "83.4 ± 0.6 %"; without an interval (NaN) the mean alone."""
    if math.isnan(low):
        return percent(mean)
    return f"{hundredfold(mean)}{NBSP}±{NBSP}{hundredfold((high - low) / 2)}{NBSP}%"


def p_value(value: float) -> str:
    """Two digits, cut off above 0.1, where rounding could make 1 of 0.996; ``p_value(2e-5)`` is "< 0.001"."""
    if value < 0.001:
        return f"<{NBSP}0.001"
    return f"{value:.2g}" if value < 0.1 else f"{math.floor(100 * value) / 100:.2f}"


def listing(words: Iterable[str]) -> str:
    """``listing(["a", "b", "c"])`` is "a, b and c"."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def capital(words: str) -> str:
    """``capital("no ReLU")`` is "No ReLU"; what follows the first letter stays as it is."""
    return f"{words[:1].upper()}{words[1:]}"


def pairs(values: dict[str, str]) -> str:
    """``pairs({"a, b": "1", "c": "2"})`` is "a, b: 1; c: 2"."""
    return "; ".join(f"{name}: {value}" for name, value in values.items())


def numeral(number: int) -> str:
    """``numeral(3)`` is "three", ``numeral(0)`` "none"; beyond ten it is written in digits."""
    return NUMERALS[number] if number < len(NUMERALS) else f"{number}"


def count(number: int, noun: str) -> str:
    """``count(1, "seed")`` is "one seed", ``count(3, "seed")`` "3 seeds"."""
    return f"one {noun}" if number == 1 else f"{number:,} {noun}s"


def counts(numbers: Iterable[int], noun: str) -> str:
    """``counts([3, 1, 3], "seed")`` is "1 to 3 seeds"; equal numbers are said once."""
    low, *_, high = sorted([*numbers] * 2)
    return count(low, noun) if low == high else f"{low:,} to {high:,} {noun}s"


def diverged(frame: pd.DataFrame) -> str:
    """A sentence that names the runs of ``frame`` which ended with a loss that was not finite; "" if none did."""
    ended = frame[frame["diverged_at"].notna()].drop_duplicates(["network", "seed"])
    if ended.empty:
        return ""
    all_runs = len(frame.drop_duplicates(["network", "seed"]))
    each = [f"{row.network}, seed {row.seed}, at step {int(row.diverged_at):,}" for row in ended.itertuples()]
    return f" Of {count(all_runs, 'run')}, {len(ended)} diverged: {'; '.join(each)}."


def number(value: float, form: str = "g") -> str:
    """``number(-0.25)`` is "−0.25", with a true minus sign."""
    return f"{value:{form}}".replace("-", "\N{MINUS SIGN}")


def csv(frame: pd.DataFrame, **options: Any) -> bytes:
    """``frame`` as CSV; a text that a spreadsheet would take for a formula has an apostrophe in front of it."""

    def safe(value: Any) -> Any:
        return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value

    told = frame.rename(columns=safe)
    for name in told.select_dtypes(exclude=["number", "bool"]):
        told[name] = pd.Series([safe(value) for value in told[name]], told.index, dtype=object)
    return told.to_csv(index=False, lineterminator="\n", **options).encode()
