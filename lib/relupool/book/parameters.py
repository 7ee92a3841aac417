"""What a reader may change in a chapter: the lines of its one ``parameters`` cell, typed and with a range.

A line reads ``size: int = 3  # side of the window; pixels; 2 to 8``. The range is ``2 to 8``, ``one of a, b, c`` or
``any``. `papermill --help-notebook` shows the same lines; here they are kept strictly, before and inside a kernel.
``python -m relupool.book.parameters NOTEBOOK...`` says which notebooks do not declare theirs so.
"""

from __future__ import annotations

import ast
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import field, frozen
from nbformat import NotebookNode

from relupool.book import notebooks
from relupool.validation import is_real, is_whole, known, refuse

Value = int | float | str | bool
TYPES: dict[str, type] = {"int": int, "float": float, "str": str, "bool": bool}
FORM = "a line `name: type = default  # meaning; unit; range`"


@frozen
class Parameter:
    """One line of the parameters cell.

    Attributes:
        type: "int", "float", "str" or "bool".
        unit: in words; "" where the cell says "none".
        range: ``A to B`` (both included), ``one of a, b, c`` or ``any``.
    """

    name: str
    type: str
    default: Value
    meaning: str
    unit: str
    range: str
    options: tuple[Value, ...] = field(default=(), repr=False)
    bounds: tuple[float, float] = field(default=(-math.inf, math.inf), repr=False)

    def check(self, value: Any) -> Value:
        """``value`` as the type of this parameter; ValueError if it is of another type or out of range."""
        fits = {
            "int": is_whole(value),
            "float": is_real(value) and math.isfinite(value),
            "str": isinstance(value, str),
            "bool": isinstance(value, bool),
        }[self.type]
        if fits and self.type in ("int", "float"):
            fits = self.bounds[0] <= value <= self.bounds[1]
        if not fits or (self.options and value not in self.options):
            refuse(self.name, value, self.allowed)
        return TYPES[self.type](value)

    def parse(self, text: str) -> Value:
        """The value that ``text`` from a command line means; ValueError if none of this type, or out of range."""
        try:
            value = {"true": True, "false": False}[text.lower()] if self.type == "bool" else TYPES[self.type](text)
        except (ValueError, KeyError):
            refuse(self.name, text, self.allowed)
        return self.check(value)

    def to_json(self) -> dict[str, Any]:
        """What a page says of this parameter."""
        return {name: getattr(self, name) for name in ("name", "meaning", "unit", "allowed", "default")}

    @property
    def allowed(self) -> str:
        """Type and range in words, for errors."""
        kind = {"int": "a whole number", "float": "a finite number", "str": "text", "bool": "True or False"}[self.type]
        if self.options:
            return "one of " + ", ".join(map(repr, self.options))
        return kind if self.range == "any" else f"{kind} from {self.range}"


def read(notebook: Path | str) -> tuple[Parameter, ...]:
    """The parameters of the chapter stored at ``notebook``.

    ValueError names the line that is not in the form, or the cell that would give a kernel other values than these.
    """
    cells = notebooks.read(Path(notebook)).cells
    try:
        return _read([cell for cell in cells if cell.cell_type == "code"])
    except ValueError as error:
        raise ValueError(f"{Path(notebook).name}: {error}") from None


def _read(cells: list[NotebookNode]) -> tuple[Parameter, ...]:
    tagged = [place for place, cell in enumerate(cells) if "parameters" in cell.metadata.get("tags", ())]
    if len(tagged) != 1:
        refuse("the number of cells tagged `parameters`", len(tagged), "1")
    parameters = declared(cells[tagged[0]].source)
    for place, cell in enumerate(cells, 1):
        if "injected-parameters" in cell.metadata.get("tags", ()):
            raise ValueError(f"code cell {place} holds values that papermill has injected: delete it from the source")
    for place, cell in enumerate(cells[tagged[0] + 1 :], tagged[0] + 2):
        for name in sorted(_set_by(cell.source).intersection(parameter.name for parameter in parameters)):
            raise ValueError(
                f"code cell {place} sets {name} before check_parameters(): a default belongs into the parameters cell"
            )
        if "check_parameters()" in cell.source:
            break
    return parameters


def _set_by(source: str) -> set[str]:
    """The names that the code of a cell assigns, in whatever way."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:  # of IPython's own, such as a magic
        return set()
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def declared(source: str, *, edited: bool = False) -> tuple[Parameter, ...]:
    """The parameters that the text of a parameters cell declares, in their order.

    Of a cell that a reader may have ``edited``, the defaults need not fit: the values that it has set will be checked.
    """
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        refuse("the parameters cell", source, f"Python ({error.msg}, line {error.lineno})")
    parameters = tuple(_declaration(source, statement, edited) for statement in statements)
    names = [parameter.name for parameter in parameters]
    for name in names:
        if names.count(name) > 1:
            refuse("parameters cell", name, "declared once")
    return parameters


def assigned(source: str) -> dict[str, Any]:
    """The names and values of the cell ``source`` that papermill injects, but for the paths that it may inject too."""
    return {
        target.id: _injected(statement.value)
        for statement in ast.parse(source).body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name) and target.id not in ("PAPERMILL_INPUT_PATH", "PAPERMILL_OUTPUT_PATH")
    }


def _injected(value: ast.expr) -> Any:
    """A literal, or a number that has none: papermill writes ``float('nan')``."""
    match value:
        case ast.Call(func=ast.Name("float"), args=[ast.Constant(str() as text)]):
            return float(text)
    return ast.literal_eval(value)


def check(parameters: Sequence[Parameter], given: Mapping[str, Any]) -> dict[str, Value]:
    """``given`` values, checked; ValueError for an unknown name, a wrong type, a value out of range."""
    by_name = _by_name(parameters, given)
    return {name: by_name[name].check(value) for name, value in given.items()}


def parse(parameters: Sequence[Parameter], given: Mapping[str, str]) -> dict[str, Value]:
    """The values that texts from a command line mean, checked like :func:`check`."""
    by_name = _by_name(parameters, given)
    return {name: by_name[name].parse(text) for name, text in given.items()}


def _by_name(parameters: Sequence[Parameter], given: Mapping[str, Any]) -> dict[str, Parameter]:
    by_name = {parameter.name: parameter for parameter in parameters}
    known(by_name, dict(given))
    return by_name


def _declaration(source: str, statement: ast.stmt, edited: bool) -> Parameter:
    line = source.splitlines()[statement.lineno - 1]
    comment = line.encode()[statement.end_col_offset :].decode().strip()  # columns are counted in bytes
    described = [part.strip() for part in comment.removeprefix("#").split(";")]
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=ast.Name(id=kind), value=ast.expr() as value):
            fits = kind in TYPES and len(described) == 3 and all(described)
        case _:
            fits = False
    if not fits:
        refuse(f"line {statement.lineno} of the parameters cell", line, FORM)
    meaning, unit, range_ = described
    unit = "" if unit == "none" else unit
    try:
        default = "" if edited else ast.literal_eval(value)
    except ValueError:
        refuse(name, ast.unparse(value), "given a literal as default")
    try:
        options, bounds = _limits(range_, kind)
        if kind == "float" and is_whole(default):
            refuse(name, default, f"written as a float, {default}.0")
        parameter = Parameter(name, kind, default, meaning, unit, range_, options, bounds)
        if not edited:
            parameter.check(default)
        return parameter
    except ValueError as error:
        raise ValueError(f"line {statement.lineno} of the parameters cell, {line!r}: {error}") from None


def _limits(range_: str, kind: str) -> tuple[tuple[Value, ...], tuple[float, float]]:
    """What the words of a range mean for values of type ``kind``: the options, the bounds."""
    everything = (-math.inf, math.inf)
    if range_ == "any":
        return (), everything
    if range_.startswith("one of "):
        words = [word.strip() for word in range_.removeprefix("one of ").split(",")]
        plain = Parameter("range", kind, "", "", "", "any")
        return tuple(plain.parse(word) for word in words), everything
    low, to, high = range_.partition(" to ")
    if to and kind in ("int", "float"):
        plain = Parameter("range", "float", 0.0, "", "", "any")
        first, last = float(plain.parse(low)), float(plain.parse(high))
        if first <= last:
            return (), (first, last)
    refuse("range", range_, "`A to B` for numbers, `one of a, b, c` or `any`")


def main(paths: Sequence[str]) -> None:
    """The command line of this module."""
    faults = []
    for notebook in paths:
        try:
            read(notebook)
        except ValueError as fault:
            faults.append(str(fault))
    if faults:
        raise SystemExit("\n".join(faults))


if __name__ == "__main__":
    main(sys.argv[1:])
