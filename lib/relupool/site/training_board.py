"""The directive ``{training-board}``: four small networks that train on the reader's machine, and what they will reach.

.. code-block:: text

    ```{training-board}
    :name: my-board
    :link: chapters/04_the_experiment.ipynb
    :seed: 1
    ```

``link`` is the page with the curves of real networks, to which the toy leads: a document of the book as seen from
the folder of the page that has the directive, with or without a ``#fragment``. ``name`` is the element's id, ``seed``
(1 to 9999, default 1) that of its pictures and first weights. The page holds what training gives, run while it is
built by :mod:`relupool.theory.tiny_network`; where scripts run, ``training-board.js`` folds it up behind the board, so
that nobody sees the answer before they have guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from relupool.site import element
from relupool.theory import tiny_network as tiny

SCRIPTS = ("activations.js", "tiny-network.js", "training-board.js")
ROWS = {"before": "ReLU, then the pool", "none": "no ReLU", "after": "the pool, then ReLU"}
COLUMNS = {"max": "max-pool", "average": "average-pool"}
SEEDS = range(1, 10_000)


class TrainingBoard(SphinxDirective):
    """Finds the page that the board leads to, and runs the networks."""

    option_spec: ClassVar[dict[str, Any]] = {
        "link": directives.unchanged_required,
        "name": directives.unchanged,
        "seed": directives.unchanged,
    }

    def run(self) -> list[nodes.Node]:
        """One node; an error of the document if there is no such page, or the seed is not one of :data:`SEEDS`."""
        path, _, fragment = self.options.get("link", "").partition("#")
        target = self.env.relfn2path(path)[0].rpartition(".")[0]
        if target not in self.env.found_docs:
            raise self.error(f"training-board: link is {path!r}, but must be a document of the book")
        seed = self.options.get("seed", "1")
        if not seed.isdecimal() or int(seed) not in SEEDS:
            raise self.error(f"training-board: seed is {seed!r}, but must be a whole number from 1 to {SEEDS[-1]}")
        html = html_of(
            seed=int(seed),
            link="../" * self.env.docname.count("/") + f"{target}.html" + (f"#{fragment}" if fragment else ""),
            name=self.options.get("name", f"training-board-{self.env.new_serialno('training-board')}"),
        )
        return [element.element(name="training-board", html=html)]


def html_of(*, seed: int, link: str, name: str) -> str:
    """The element with what it shows without scripts: accuracy and curve of each network, in both orders."""
    heads = "".join(f"<th scope='col'>{head}</th>" for head in COLUMNS.values())
    body = "".join(
        f"<tr><th scope='row'>{head}</th>{''.join(_cell(seed, relu, pool) for pool in COLUMNS)}</tr>"
        for relu, head in ROWS.items()
    )
    return (
        f'<training-board id="{escape(name)}" seed="{seed}"><div class="stored">'
        f"<table class='table'><caption>Six small networks after {tiny.STEPS} steps of training, from the same first "
        f"weights on the same pictures: share of {tiny.TESTS} new pictures that each names rightly, and how it got "
        f"there. Guessing gives 25 %, the dotted line.</caption>"
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{body}</tbody></table>"
        f"<p class='fig-basis'>A toy: convolution, pool and dense layer with {tiny.PARAMETERS} weights, on noisy "
        f"{tiny.SIDE} \N{MULTIPLICATION SIGN} {tiny.SIDE} pictures of upright, level or slanted stripes or checks "
        f"whose mean is grey. Run when this page was made; seed {seed}.</p></div>"
        f'<p class="onward"><a href="{escape(link)}">Not a toy: the same question on CIFAR-10\'s photographs</a></p>'
        "</training-board>\n"
    )


@cache
def _runs(seed: int) -> dict[str, tiny.Run]:
    return tiny.run(seed)


def _cell(seed: int, relu: str, pool: str) -> str:
    runs = _runs(seed)
    run = runs[f"{relu}-{pool}"]
    note = ""
    if relu == "after":
        many = tiny.differing(runs[f"before-{pool}"], run)
        note = f"{many} of its {tiny.PARAMETERS} weights differ from those of the first row"
    elif (relu, pool) == ("none", "average"):
        note = "nothing bends: it is one matrix"
    reached = f"{100 * run.accuracies[-1]:.0f} %"
    curve = _curve(run.accuracies, f"{relu}-{pool}")
    return f"<td><strong>{reached}</strong>{curve}{note and f'<span>{note}</span>'}</td>"


def _curve(accuracies: Sequence[float], name: str) -> str:
    """The learning curve as a picture that has no words of its own, since the number stands beside it."""
    last = len(accuracies) - 1
    points = " ".join(f"{100 * place / last:.0f},{100 - 100 * value:.1f}" for place, value in enumerate(accuracies))
    return (
        '<svg class="curve" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="guessing" d="M0 75H100"/><polyline class="learnt {name}" points="{points}"/></svg>'
    )


def register(app: Any) -> None:
    """Connect this module to Sphinx."""
    element.register(app, "training-board", TrainingBoard, SCRIPTS)
