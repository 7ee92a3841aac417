"""Picture and table of results in the README: ``python -m relupool.site.readme`` renews them after new runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from relupool import files
from relupool.experiments.store import COMMITTED, ResultSet, Store
from relupool.experiments.studies import BASELINE, FIRST_ABLATIONS, GRID, LONG
from relupool.figures.ablations import grid
from relupool.figures.figure import render
from relupool.measures.estimate import estimated
from relupool.measures.runs import ends, same_footing, stacked
from relupool.validation import refuse
from relupool.words import listing

PRESET = "standard"
PICTURE = Path("data", "grid.svg")
"""Chapter 4's figure of the grid, in the README."""

START = "<!-- The table is made by `python -m relupool.site.readme`. -->"
END = "<!-- Here the table ends. -->"


def picture(store: Store) -> bytes:
    """The figure of the grid as SVG."""
    sets = same_footing([store.sets(study) for study in (FIRST_ABLATIONS, GRID, BASELINE)])
    return render(grid(stacked(sets), reference="softmax regression"), "svg")["svg"]


def table(results: ResultSet) -> str:
    """A row for each network, with the command that trains it again, in Markdown; and what the numbers are."""
    lines = [
        "| network | right | seeds | steps | trained on | minutes | again with |",
        "|---|--:|--:|--:|---|--:|---|",
    ]
    lines += [f"| {' | '.join(row)} |" for row in _rows(results)]
    told = (
        "The share of CIFAR-10's test images that the averaged weights get right at the last step, with its 95 % "
        "interval\nover seeds and test images. Minutes are those of all seeds together."
    )
    return "\n".join([*lines, "", told])


def _rows(results: ResultSet) -> Iterator[tuple[str, ...]]:
    for name, runs in ends(results.frame).groupby("network", sort=False):
        accuracy = estimated(results.frame, {name: 1})
        assert accuracy is not None  # the set is complete
        yield (
            name,
            accuracy.per_cent,
            f"{accuracy.n}",
            f"{accuracy.steps:,}",
            listing(sorted(runs["device"].unique())),
            f"{runs['seconds'].sum() / 60:.0f}",
            f'`relupool train {results.study.name} --only "{name}" --fresh`',
        )


def renewed(text: str, results: ResultSet) -> str:
    """``text`` of the README with the table of ``results`` between its two marks; raises ValueError without them."""
    for mark in (START, END):
        if text.count(mark) != 1:
            refuse("README.md", f"{text.count(mark)} times {mark}", "that line once")
    between = re.compile(f"{re.escape(START)}.*{re.escape(END)}", re.S)
    return between.sub(lambda _: f"{START}\n\n{table(results)}\n\n{END}", text)


if __name__ == "__main__":
    here, store = Path("README.md"), Store(COMMITTED)
    files.write_whole(PICTURE, picture(store))
    files.write_whole(here, renewed(here.read_text(encoding="utf-8"), store.complete(LONG, PRESET)))
