"""CONTRIBUTING's recipes, tried in a copy of the tree: each adds one of its kind to three files at most."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import nbformat
import pytest
from attrs import frozen
from nbformat.v4 import new_code_cell

import notebooks
from conftest import ROOT

END = ""
"""In place of the text after which something is added: the end of the file, in a notebook a new cell."""


@frozen(kw_only=True)
class Recipe:
    """What is added to each file, after which of its texts, and what then can be done."""

    files: dict[str, dict[str, str]]
    then: str


RECIPES = {
    "a figure": Recipe(
        files={
            "lib/relupool/figures/rounding.py": {
                END: '''

@style.scoped()
def line(x: np.ndarray) -> Figure:
    """A line."""
    frame = pd.DataFrame({"x": x, "y": 2 * x})
    plot, axes = style.canvas(2.0)
    axes.plot(frame["x"], frame["y"])
    return Figure(id="fig-line", plot=plot, frame=frame, caption="A line.", alt="A line that rises.", basis="Made up.")
'''
            },
            "chapters/B_floating_point.ipynb": {END: "show(figures.line(np.arange(3.0)))"},
        },
        then="""
            import nbformat, numpy as np
            from relupool.figures import figure, rounding
            shown = []
            cell = nbformat.read("chapters/B_floating_point.ipynb", 4).cells[-1].source
            exec(cell, {"show": shown.append, "figures": rounding, "np": np})
            assert b"A line that rises." in figure.render(*shown, "svg")["svg"]
        """,
    ),
    "an ablation": Recipe(
        files={
            "lib/relupool/experiments/studies.py": {
                '"untouched": Architecture(),': '\n        "tanh": Architecture(conv_activation="tanh"),'
            }
        },
        then="""
            from relupool.experiments.store import Store
            from relupool.experiments.studies import FIRST_ABLATIONS
            from relupool.running.status import table
            assert table(Store("nothing"), "quick", [FIRST_ABLATIONS])["missing"].tolist() == [6]
        """,
    ),
    "a claim": Recipe(
        files={
            "lib/relupool/claims/ledger.py": {
                "LEDGER: tuple[Claim, ...] = (": """
    Claim(
        "B0", "someone", "Removing the ReLUs of the convolutional layers gains something.",
        Runs(EXAMPLE, [Part("accuracy without minus with", difference(NO_CONV_RELU, UNTOUCHED), at_least(0.0))]),
        chapter="4", turns="a loss",
    ),"""
            }
        },
        then="""
            import frames
            from relupool.claims.grounds import Grounds
            from relupool.claims.judge import judge
            from relupool.experiments.studies import SEEDS
            for gain, verdict in ((0.1, "true"), (-0.1, "false")):
                ends = {label: 0.5 + gain * (not n.conv_activation) for label, n in SEEDS.networks.items()}
                assert [c.verdict for c in judge(Grounds(runs=frames.frame(SEEDS, ends)), "B0")] == [verdict]
        """,
    ),
    "a proposition": Recipe(
        files={
            "lib/relupool/theory/maximum.py": {
                "PROPOSITIONS: tuple[Proposition, ...] = (": """
    Proposition("max-is-odd", "The maximum of -x is minus that of x.", SELECTS,
                agree(lambda layers: (layers.largest, lambda x: -layers.largest(-x))), true=False),"""
            }
        },
        then="""
            from relupool.book.layers import checked
            assert checked({"max-is-odd"}, trials=21, seed=0)["holds"].tolist() == [False]
        """,
    ),
    "a chapter": Recipe(
        files={
            "chapters/08_more.ipynb": {END: "check_parameters()"},
            "_toc.yml": {"- file: chapters/07_the_answers": "\n      - file: chapters/08_more"},
        },
        then="""
            from relupool.book import parameters, sources
            parameters.main(["chapters/08_more.ipynb"])
            assert sources.chapter("8").name == "08_more.ipynb"
            assert "chapters/08_more" in sources.pages()
        """,
    ),
    "an activation with numbers of its own": Recipe(
        files={
            "lib/relupool/experiments/networks.py": {
                "fraction: float = field(converter=as_float, validator=real(0, 1))": '''


@frozen
class Shifted:
    """The ReLU of x - ``by``."""

    by: float = field(default=1.0, converter=as_float, validator=real())
''',
                "Activation = str | LeakyReLU": " | Shifted",
            },
            "lib/relupool/experiments/layers.py": {
                "Maxout, PartialReLU, Pool": ", Shifted",
                "# Keras' own refuses negative slopes": """
    if isinstance(which, Shifted):
        return lambda x: ops.relu(x - which.by)""",
            },
        },
        then="""
            import numpy as np
            from relupool.experiments.experiment import Experiment, from_json, to_json
            from relupool.experiments.layers import activation
            from relupool.experiments.models import build
            from relupool.experiments.networks import Architecture, Shifted
            network = Architecture(conv_activation=Shifted(2.0))
            assert from_json(to_json(Experiment(network=network))).network == network
            assert build(network).get_layer("activation1")(np.float32([1, 3])).numpy().tolist() == [0, 1]
        """,
    ),
    "a kind of pooling": Recipe(
        files={
            "lib/relupool/experiments/networks.py": {'PoolKind = Literal["max"': ', "least"'},
            "lib/relupool/experiments/layers.py": {
                '"""The Keras layer of a :class:`Pool`."""': """
    if pool.kind == "least":
        largest = pooling(Pool("max", pool.size, pool.stride, pool.padding), "largest", dtype)
        return keras.layers.Lambda(lambda x: -largest(-x), name=name, dtype=dtype)"""
            },
        },
        then="""
            import numpy as np
            from relupool.experiments.models import build
            from relupool.experiments.networks import Architecture, Pool
            from relupool.figures.network import forward
            network = Architecture(pool=Pool("least", size=2))
            pool = build(network).get_layer("pool1")
            assert pool(np.arange(4, dtype="float32").reshape(1, 2, 2, 1)).numpy().tolist() == [[[[0.0]]]]
            drawn = [(row.operation, row.nonlinear) for row in forward(network) if row.kind == "pool"]
            assert drawn == 2 * [("least of 2×2", True)]
        """,
    ),
}
TRIED = """
import json, sys, traceback
outcomes = {}
for name, code in json.load(sys.stdin).items():
    try:
        exec(code, {})
        outcomes[name] = ""
    except BaseException:
        outcomes[name] = traceback.format_exc()
print(json.dumps(outcomes))
"""


def add(path: Path, after: str, text: str) -> None:
    """Write ``text`` after the one place of ``after`` in a file, or as a new cell of a notebook."""
    if path.suffix != ".ipynb":
        before = path.read_text()
        assert after == END or before.count(after) == 1, f"{path.name}: {after}"
        path.write_text(before.replace(after, after + text) if after else before + text)
    elif path.exists():
        notebook = nbformat.read(path, as_version=4)
        notebook.cells.append(new_code_cell(text))
        nbformat.write(notebook, path)
    else:
        notebooks.write(path, "# More", text)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> dict[str, str]:
    """What went wrong with each recipe, in one copy and one process for all."""
    copy = tmp_path_factory.mktemp("tree")
    for folder in ("lib", "chapters"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "_toc.yml", copy)
    for recipe in RECIPES.values():
        for path, additions in recipe.files.items():
            for after, text in additions.items():
                add(copy / path, after, text)
    code = {name: dedent(recipe.then) for name, recipe in RECIPES.items()}
    ran = subprocess.run(
        [sys.executable, "-c", TRIED],
        input=json.dumps(code),
        cwd=copy,
        env=os.environ | {"PYTHONPATH": f"{copy / 'lib'}:{ROOT / 'tests'}"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_does_what_it_says_in_three_files_at_most(outcomes, name: str) -> None:
    assert outcomes[name] == ""
    (told,) = re.findall(rf"^- \*\*{name}\*\*: (.*?)(?=^- |^$)", (ROOT / "CONTRIBUTING.md").read_text(), re.M | re.S)
    assert len(RECIPES[name].files) <= 3
    for path in map(Path, RECIPES[name].files):
        assert path.name in told or str(path.parent) in told, f"{name}: {path} is not named"
