"""Checks of single values, with errors that name the parameter, what was received and what is allowed.

Each factory returns an attrs validator, ``check(instance, attribute, value)``; :func:`refuse` words the error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from itertools import pairwise
from numbers import Integral, Real
from typing import Any, NoReturn

Validator = Callable[[Any, Any, Any], None]


def refuse(name: str, received: Any, allowed: str) -> NoReturn:
    """Raise the book's one kind of ValueError: ``name`` was ``received``, ``allowed`` says what it may be."""
    raise ValueError(f"{name} is {received!r}, but must be {allowed}")


def accept(fits: Callable[[Any], bool], allowed: str) -> Validator:
    """Accept the values that ``fits`` is true of."""

    def check(_: Any, attribute: Any, value: Any) -> None:
        if not fits(value):
            refuse(attribute.name, value, allowed)

    return check


def one_of(*options: Any) -> Validator:
    """Accept exactly the listed values; True is not 1 here."""
    return accept(
        lambda value: any(type(value) is type(option) and value == option for option in options),
        "one of " + ", ".join(map(repr, options)),
    )


def whole(low: int, high: int | None = None) -> Validator:
    """Accept integers from ``low`` to ``high``, both included; booleans are not integers here."""
    most = math.inf if high is None else high
    allowed = f"a whole number of at least {low}" if high is None else f"a whole number from {low} to {high}"
    return accept(lambda value: is_whole(value) and low <= value <= most, allowed)


def real(low: float = -math.inf, high: float = math.inf, *, above: bool = False) -> Validator:
    """Accept finite numbers from ``low`` to ``high``; with ``above``, ``low`` itself is excluded."""
    least = f"above {low:g}" if above else f"of at least {low:g}"
    bounds = ([least] if low > -math.inf else []) + ([f"at most {high:g}"] if high < math.inf else [])
    return accept(
        lambda value: is_real(value) and math.isfinite(value) and low <= value <= high and not (above and value == low),
        " ".join(["a finite number", " and ".join(bounds)]).strip(),
    )


def rising(low: int = 0) -> Validator:
    """Accept non-empty tuples of strictly rising whole numbers, the first at least ``low``."""

    def fits(value: Any) -> bool:
        if not (isinstance(value, tuple) and value and all(map(is_whole, value))):
            return False
        return value[0] >= low and all(a < b for a, b in pairwise(value))

    return accept(fits, f"a tuple of rising whole numbers, the first at least {low}")


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
    return accept(lambda value: isinstance(value, types), "of type " + " or ".join(t.__name__ for t in types))


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
