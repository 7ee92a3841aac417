"""Checks of single values, with errors that name the parameter, what was received and what is allowed.

Each factory returns an attrs validator, ``check(instance, attribute, value)``; :func:`refuse` words the error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from numbers import Integral, Real
from typing import Any, NoReturn

Validator = Callable[[Any, Any, Any], None]


def refuse(name: str, received: Any, allowed: str) -> NoReturn:
    """Raise the book's one kind of ValueError: ``name`` was ``received``, ``allowed`` says what it may be."""
    raise ValueError(f"{name} is {received!r}, but must be {allowed}")


def one_of(*options: Any) -> Validator:
    """Accept exactly the listed values."""

    def check(_: Any, attribute: Any, value: Any) -> None:
        if not any(value is option or (type(value) is type(option) and value == option) for option in options):
            refuse(attribute.name, value, "one of " + ", ".join(map(repr, options)))

    return check


def whole(low: int, high: int | None = None) -> Validator:
    """Accept integers from ``low`` to ``high``, both included; booleans are not integers here."""
    allowed = f"a whole number from {low} to {high}" if high is not None else f"a whole number of at least {low}"

    def check(_: Any, attribute: Any, value: Any) -> None:
        if not is_whole(value) or value < low or (high is not None and value > high):
            refuse(attribute.name, value, allowed)

    return check


def real(low: float = -math.inf, high: float = math.inf, *, above: bool = False) -> Validator:
    """Accept finite numbers from ``low`` to ``high``; with ``above``, ``low`` itself is excluded."""
    allowed = "a finite number"
    if low > -math.inf:
        allowed += f" above {low:g}" if above else f" of at least {low:g}"
    if high < math.inf:
        allowed += f" and at most {high:g}" if low > -math.inf else f" of at most {high:g}"

    def check(_: Any, attribute: Any, value: Any) -> None:
        fits = is_real(value) and math.isfinite(value) and low <= value <= high and not (above and value == low)
        if not fits:
            refuse(attribute.name, value, allowed)

    return check


def rising(low: int = 0) -> Validator:
    """Accept non-empty tuples of strictly rising whole numbers, the first at least ``low``."""

    def check(_: Any, attribute: Any, value: Any) -> None:
        fits = isinstance(value, tuple) and len(value) > 0 and all(map(is_whole, value))
        if not fits or value[0] < low or any(b <= a for a, b in zip(value, value[1:], strict=False)):
            refuse(attribute.name, value, f"a tuple of rising whole numbers, the first at least {low}")

    return check


def each(check_item: Validator, *, length: int) -> Validator:
    """Accept tuples of ``length`` values that all pass ``check_item``."""

    def check(instance: Any, attribute: Any, value: Any) -> None:
        if not isinstance(value, tuple) or len(value) != length:
            refuse(attribute.name, value, f"a tuple of {length} values")
        for item in value:
            check_item(instance, attribute, item)

    return check


def kind(*types: type) -> Validator:
    """Accept instances of the given types."""

    def check(_: Any, attribute: Any, value: Any) -> None:
        if not isinstance(value, types):
            refuse(attribute.name, value, "of type " + " or ".join(t.__name__ for t in types))

    return check


def known(names: Collection[str], values: dict[str, Any]) -> None:
    """Refuse keyword ``values`` whose name is not among ``names``."""
    for name, value in values.items():
        if name not in names:
            refuse(name, value, f"left out: no such parameter; there are {', '.join(sorted(names))}")


def at_least_one(**values: Any) -> None:
    """Raise ValueError that names the first of the given parameters that is no whole number of at least 1."""
    for name, value in values.items():
        if not is_whole(value) or value < 1:
            refuse(name, value, "a whole number of at least 1")


def is_whole(value: Any) -> bool:
    """Whether ``value`` is an integer (NumPy's included) and no boolean."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_real(value: Any) -> bool:
    """Whether ``value`` is a number (NumPy's included) and no boolean."""
    return isinstance(value, Real) and not isinstance(value, bool)


def as_float(value: Any) -> Any:
    """Numbers as float, so that 1 and 1.0 are one experiment; anything else unchanged, for the validator."""
    return float(value) if is_real(value) else value


def as_int(value: Any) -> Any:
    """``int(value)`` for integers of any library; anything else unchanged, for the validator."""
    return int(value) if is_whole(value) else value


def as_tuple(value: Any) -> Any:
    """Lists become tuples, so that a value is hashable; anything else unchanged, for the validator."""
    return tuple(value) if isinstance(value, list) else value
