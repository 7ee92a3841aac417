"""The command line, ``relupool COMMAND``: each command is a thin layer over one function of the library."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from relupool.cli import claims, figures, results, training
from relupool.cli.options import Backend, Device, Preset, errors
from relupool.validation import refuse

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.add_typer(results.app, name="results")
app.command()(training.train)
app.command()(training.status)
app.command()(training.evaluate)
app.command()(claims.claims)
app.command()(figures.figures)

RECORD = Path("_build/data.json")


# typer knows no option that takes two words and may be repeated, so -p is left over and read by _given
@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def chapter(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help='Its number or name: "03", "03_relu_and_max_pool_commute".')],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Where the executed notebook goes.")] = None,
    preset: Preset = "quick",
    backend: Backend = "tensorflow",
    device: Device = "cpu",
    fresh: Annotated[bool, typer.Option(help="Train again what the figures show.")] = False,
) -> None:
    """Execute a chapter with parameters of your own: relupool chapter NAME -p size 2 -p seed 7.

    Parameters that do not fit are refused before it starts. What it leaves is in _build/mine.
    """
    from relupool.book import execute, parameters, sources
    from relupool.book.build import Build

    with errors():
        notebook = sources.chapter(name)
        values = parameters.parse(parameters.read(notebook), _given(context.args))
        data = RECORD if RECORD.is_file() else None
        build = Build(preset=preset, backend=backend, device=device, fresh=fresh, data=data)
        folder = Path("_build/mine") / notebook.stem
        try:
            made = execute.execute(notebook, folder, build, values, timeout=0)
        except execute.ChapterFailed as error:
            print(error, file=sys.stderr)
            raise typer.Exit(1) from None
    executed = folder / "executed.ipynb"
    if output:
        executed = Path(shutil.copyfile(executed, output))
    print(f"{notebook.stem}: {len(made['cells'])} cells in {made['seconds']:.0f} s; {executed}, {folder / 'figures'}")


@app.command()
def data(
    folder: Annotated[str | None, typer.Argument(help='CIFAR-10\'s folder, or "synthetic".')] = None,
    record: Annotated[Path, typer.Option(help="Where the choice is written down.")] = RECORD,
    offline: Annotated[bool, typer.Option(help="Do without a download.")] = False,
) -> None:
    """Choose the data set that the chapters use, once for all of them, and say which it is."""
    from relupool.experiments.data import resolve

    with errors():
        chosen = resolve(folder, offline=offline)
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(chosen.to_json(), encoding="utf-8")
    print(f"Data: {chosen.name} ({chosen.folder or 'made from a seed'}). {chosen.notice}".strip())


@app.command()
def address(
    url: Annotated[str, typer.Argument(help='https://github.com/OWNER/NAME, or "" for none.')],
) -> None:
    """Say where the book's repository is: pages then link to source, Colab and Binder, and chapters fetch the book."""
    from relupool.book import address as repository

    with errors():
        repository.move(url)
    print(f"_config.yml and the chapters name {url or 'no address'}; commit them")


@app.command("check")
def check_propositions(
    backend: Backend = "tensorflow",
    trials: Annotated[int, typer.Option(help="Inputs that each check tries.")] = 210,
    seed: Annotated[int, typer.Option(help="Draws them.")] = 0,
) -> None:
    """Check every proposition of Part I on Keras; ends with code 1 if one does not come out as the book says."""
    with errors():
        os.environ.update(KERAS_BACKEND=backend, TF_CPP_MIN_LOG_LEVEL="3")  # read when Keras is imported
        from relupool.book.layers import checked

        table = checked(trials=trials, seed=seed)
    for row in table.itertuples():
        found = "no counterexample" if row.holds else f"{row.differing:,} differ, by up to {row.largest_deviation:.2g}"
        mark = "ok  " if row.confirmed else "FAIL"
        print(f"{mark} {row.statement} {'True' if row.true else 'False'}: {found} in {row.compared:,} numbers.")
    print(f"{table['confirmed'].sum()} of {len(table)} as the book says, on {backend}")
    if not table["confirmed"].all():
        raise typer.Exit(1)


@app.command()
def bench(
    what: Annotated[str, typer.Argument(help="training, ensemble, jobs or order")] = "training",
    steps: Annotated[int, typer.Option(help="Steps that each contender trains in a round.")] = 50,
    rounds: Annotated[
        int | None, typer.Option(help="How often each has its turn: 7, and 41 for order, where much hangs on little.")
    ] = None,
    members: Annotated[
        int | None, typer.Option(help="Networks that are trained at once: 5 as an ensemble, one per core as jobs.")
    ] = None,
    busy: Annotated[bool, typer.Option(help="Measure even where the machine has other things to do.")] = False,
    output: Annotated[Path, typer.Option("-o", "--output", help="Where the table goes.")] = Path("_build/bench.json"),
) -> None:
    """Measure how fast training is here: beside what others would write, of several networks at once; or the order."""
    with errors():
        if what not in ("training", "ensemble", "jobs", "order"):
            refuse("bench", what, "'training', 'ensemble', 'jobs' or 'order'")
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        if what == "order":
            return claims.bench_order(rounds=41 if rounds is None else rounds)
        options: dict[str, Any] = {"steps": steps, "rounds": 7 if rounds is None else rounds, "busy": busy}
        if what == "ensemble":
            os.environ["KERAS_BACKEND"] = "jax"  # read when Keras is imported
        if what in ("ensemble", "jobs") and members is not None:
            options["members"] = members
        from relupool.instruments import bench as benchmark

        table = getattr(benchmark, what)(**options)
    print(
        table.to_string(index=False, formatters={name: f"{{:.{digits}f}}".format for name, digits in _DIGITS.items()})
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps({**table.attrs, "contenders": table.to_dict("records")}, indent=1) + "\n")


_DIGITS = {"images_per_second": 0, "low": 0, "high": 0, "ratio": 2}


def _given(words: list[str]) -> dict[str, str]:
    match words:
        case []:
            return {}
        case ["-p", name, value, *rest]:
            return {name: value, **_given(rest)}
    refuse("argument", words[0], "`-p NAME VALUE`, or one of the options that --help lists")
