"""The command line, ``relupool COMMAND``: each command is a thin layer over one function of the library."""
# what a command needs is imported when it runs, so that help comes at once

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from relupool import files
from relupool.cli import day, training
from relupool.cli.options import Backend, Commands, Device, Preset, Seed, Trials, run_on
from relupool.validation import refuse

app = typer.Typer(
    cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__
)
results = typer.Typer(no_args_is_help=True, help="Look after stored training runs.")
app.add_typer(results, name="results")
app.command()(training.train)
app.command()(day.gpu_day)

RECORD = Path("_build/data.json")


@app.command()
def status(
    preset: Annotated[str | None, typer.Option(help="quick, standard or paper; otherwise all that hold runs.")] = None,
) -> None:
    """Show every study as a table: how many runs are stored, where and when computed, how long the others take."""
    from relupool.experiments.store import Store
    from relupool.running.status import table

    print(table(Store.default(), preset).to_string(index=False))


@app.command()
def evaluate(
    label: Annotated[
        str, typer.Argument(help='A network whose weights are kept, such as "untouched"; or a run\'s key.')
    ],
    backend: Backend = "tensorflow",
) -> None:
    """Test a trained network once more, with the weights that it keeps in float16, and compare."""
    from relupool.experiments import weights
    from relupool.experiments.data import load
    from relupool.experiments.store import Store

    kept = weights.kept(Store.default())
    if label not in kept:
        refuse("label", label, f"one whose weights are kept: {', '.join(kept) or 'there is none yet'}")
    run_on(backend)
    e, before = kept[label].experiment, kept[label].evaluations[-1].accuracy
    now = weights.accuracy(e, load("synthetic" if e.dataset == "synthetic" else None))
    print(
        f"{label}, seed {e.seed}: {now:.2%} of {e.test_images:,} test images right now, "
        f"{before:.2%} when it was trained (difference {100 * (now - before):+.2f} points)"
    )


@app.command()
def claims(
    as_json: Annotated[bool, typer.Option("--json", help="All that is known of each, as JSON.")] = False,
    backend: Backend = "tensorflow",
    trials: Annotated[
        int, typer.Option(help="Inputs that each proposition is tried on; 0 leaves theorems and Keras out.")
    ] = 30,
    seed: Seed = 0,
) -> None:
    """Judge every claim of the two sources, from theorems, as this code and these versions keep them, and runs."""
    from attrs import asdict

    from relupool.claims.grounds import gather
    from relupool.claims.judge import judge, summary
    from relupool.experiments.store import Store
    from relupool.words import capital

    propositions = activations = None
    if trials < 0:
        refuse("--trials", trials, "0 or more")
    if trials:
        run_on(backend)
        from relupool.book.theorems import theorems

        propositions, activations = theorems(backend, trials=trials, seed=seed)
    judged = judge(gather(Store.default(), propositions=propositions, activations=activations))
    if as_json:
        print(json.dumps([asdict(claim) for claim in judged], indent=1, ensure_ascii=False))
        return
    for claim in judged:
        number = f" {claim.number} ({claim.n})." if claim.number else ""
        print(f"{claim.id:4}{claim.said}\n    {capital(claim.words)}.{number}")
        if claim.lacks:
            print(f"    {claim.lacks}")
    print(summary(judged))


@app.command()
def figures(
    id: Annotated[list[str] | None, typer.Option(help="Only this figure; may be repeated.")] = None,
    format: Annotated[list[str] | None, typer.Option(help="svg, pdf, png or csv; may be repeated.")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="A folder, or a file that ends in .zip.")] = None,
    source: Annotated[Path, typer.Option("--from", help="Where the figures lie.")] = Path("_build/html/figures"),
) -> None:
    """List the figures of the rendered book; with --out, export them with their data and citations."""
    from relupool.site import figure_pages

    if out is None:
        for record in figure_pages.records(source):
            if not id or record["id"] in id:
                print(f"{record['id']:28}{record['chapter']:42}{record['title']}")
        return
    written = figure_pages.export(out, folder=source, ids=id or (), formats=format or ())
    print(f"{len(written)} files in {out}")


# typer knows no option that takes two words and may be repeated, so -p is left over and read by _given
@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def chapter(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help='Its number or name: "03", "03_before_or_after".')],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Where the executed notebook goes.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Where all goes that it leaves: _build/mine/NAME.")] = None,
    preset: Preset = "quick",
    backend: Backend = "tensorflow",
    device: Device = "cpu",
    fresh: Annotated[bool, typer.Option(help="Train again what the figures show.")] = False,
    timeout: Annotated[
        float | None, typer.Option(help="Seconds that its cells may take, 0 for any time; 3600, and any with --fresh.")
    ] = None,
) -> None:
    """Execute a chapter with parameters of your own: relupool chapter NAME -p size 2 -p seed 7.

    Parameters that do not fit are refused before it starts.
    """
    from relupool.book import execute, parameters, sources
    from relupool.book.build import Build

    notebook = sources.chapter(name)
    values = parameters.parse(parameters.read(notebook), _given(context.args))
    data = RECORD if RECORD.is_file() else None
    build = Build(preset=preset, backend=backend, device=device, fresh=fresh, data=data)
    folder = folder or Path("_build/mine") / notebook.stem
    try:
        made = execute.execute(notebook, folder, build, values, timeout=timeout)
    except execute.ChapterFailed as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    executed = folder / "executed.ipynb"
    if output:
        executed = Path(shutil.copyfile(executed, output))
    print(f"{notebook.stem}: {len(made['cells'])} cells in {made['seconds']:.0f} s; {executed}, {folder / 'figures'}")


@app.command()
def sweep(
    name: Annotated[str, typer.Argument(help='Its number or name: "03", "03_before_or_after".')],
    given: Annotated[
        list[str], typer.Option("-p", help="NAME=VALUE,VALUE,...: a parameter and its values; may be repeated.")
    ],
    preset: Preset = "quick",
    backend: Backend = "tensorflow",
    device: Device = "cpu",
) -> None:
    """Execute a chapter with every combination of values, and lay figures and numbers side by side on a page.

    relupool sweep 03 -p pool_size=2,3,4 -p activation=relu,gelu. A combination that fails does not keep others from
    running, and ends the command with code 1. What it leaves is in _build/mine.
    """
    from relupool.book import execute, parameters, sources
    from relupool.book import sweep as sweeping
    from relupool.book.build import Build

    notebook = sources.chapter(name)
    words = dict((word.split("=", 1) + [""])[:2] for word in given)
    asked = sweeping.combinations(parameters.read(notebook), words)
    data = RECORD if RECORD.is_file() else None
    build = Build(preset=preset, backend=backend, device=device, data=data)
    home, outcomes = Path("_build/mine") / f"{notebook.stem}-sweep", []
    for place, values in enumerate(asked, 1):
        folder = home / f"{place}" / notebook.stem
        told = ", ".join(f"{name} = {value}" for name, value in values.items())
        try:
            execute.execute(notebook, folder, build, values)
            outcomes.append(sweeping.Outcome(values, folder))
        except execute.ChapterFailed as error:
            outcomes.append(sweeping.Outcome(values, None, str(error)))
        print(f"{place} of {len(asked)}: {told}{'' if outcomes[-1].folder else ' FAILED'}", flush=True)
    page = home / "index.html"
    files.write_whole(page, sweeping.page(notebook.stem, outcomes))
    print(f"side by side: {page}")
    if any(outcome.folder is None for outcome in outcomes):
        raise typer.Exit(1)


def _given(words: list[str]) -> dict[str, str]:
    match words:
        case []:
            return {}
        case ["-p", name, value, *rest]:
            return {name: value, **_given(rest)}
    refuse("argument", words[0], "`-p NAME VALUE`, or one of the options that --help lists")


@app.command()
def data(
    folder: Annotated[str | None, typer.Argument(help='CIFAR-10\'s folder, or "synthetic".')] = None,
    record: Annotated[Path, typer.Option(help="Where the choice is written down.")] = RECORD,
    offline: Annotated[bool, typer.Option(help="Do without a download.")] = False,
) -> None:
    """Choose the data set that the chapters use, once for all of them, and say which it is."""
    from relupool.experiments.data import resolve

    chosen = resolve(folder, offline=offline)
    files.write_whole(record, chosen.to_json())
    print(f"Data: {chosen.name} ({chosen.folder or 'made from a seed'}). {chosen.notice}".strip())


@app.command()
def address(
    url: Annotated[str, typer.Argument(help='https://github.com/OWNER/NAME, or "" for none.')],
) -> None:
    """Say where the book's repository is: pages then link to source, Colab and Binder, and chapters fetch the book."""
    from relupool.book import address as repository

    repository.move(url)
    print(f"_config.yml and the chapters name {url or 'no address'}; commit them")


@app.command("check")
def check_propositions(backend: Backend = "tensorflow", trials: Trials = 210, seed: Seed = 0) -> None:
    """Check every proposition of Part I on Keras; ends with code 1 if one does not come out as the book says."""
    run_on(backend)
    from relupool.book.layers import checked

    table = checked(trials=trials, seed=seed)
    for row in table.itertuples():
        differing = f"{row.differing:,} differ, by up to {row.largest_deviation:.2g}"
        met = "no counterexample" if row.holds else differing
        mark = "ok  " if row.confirmed else "FAIL"
        print(f"{mark} {row.statement} {'True' if row.true else 'False'}: {met} in {row.compared:,} numbers.")
    print(f"{table['confirmed'].sum()} of {len(table)} as the book says, on {backend}")
    if not table["confirmed"].all():
        raise typer.Exit(1)


@app.command()
def bench(
    what: Annotated[str, typer.Argument(help="training, ensemble or order")] = "training",
    steps: Annotated[int, typer.Option(help="Steps that each contender trains in a round.")] = 50,
    rounds: Annotated[
        int | None, typer.Option(help="How often each has its turn: 7, and 41 for order, where much hangs on little.")
    ] = None,
    members: Annotated[int, typer.Option(help="Networks that an ensemble trains at once.")] = 5,
    busy: Annotated[bool, typer.Option(help="Measure even where the machine has other things to do.")] = False,
    output: Annotated[Path, typer.Option("-o", "--output", help="Where the table goes.")] = Path("_build/bench.json"),
) -> None:
    """Measure how fast training is here: beside what others would write, of several networks at once; or the order."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if what == "order":
        return _bench_order(41 if rounds is None else rounds)
    if what not in ("training", "ensemble"):
        refuse("bench", what, "'training', 'ensemble' or 'order'")
    if what == "ensemble":
        run_on("jax")
    from relupool.instruments import bench as benchmark

    several = {"members": members} if what == "ensemble" else {}
    table = getattr(benchmark, what)(steps=steps, rounds=7 if rounds is None else rounds, busy=busy, **several)
    digits = {"images_per_second": 0, "low": 0, "high": 0, "ratio": 2}
    print(table.to_string(index=False, formatters={name: f"{{:.{n}f}}".format for name, n in digits.items()}))
    measured = {**table.attrs, "contenders": table.to_dict("records")}
    files.write_whole(output, files.sealed(measured, indent=1))


def _bench_order(rounds: int) -> None:
    """Time both orders of activation and pooling, and write the record that A4, A5, A15 and A16 are judged by."""
    from relupool.book.bench_order import taken
    from relupool.claims.grounds import Grounds
    from relupool.claims.judge import judge
    from relupool.measures import order_times

    times = taken(rounds=rounds)
    order_times.write(times, order_times.RECORD)
    for claim in judge(Grounds(times=times), "A4", "A5", "A16"):
        print(f"{claim.id}: {claim.words}. {claim.reason}")
    print(f"written: {order_times.RECORD}")


@results.command("list")
def list_results() -> None:
    """List the complete sets of results, the largest first."""
    from relupool.experiments.store import Store
    from relupool.experiments.studies import STUDIES

    for study in STUDIES.values():
        for complete in Store.default().sets(study):
            e = complete.runs[0].experiment
            print(f"{study.name}, {complete.preset}: {complete.seeds} seeds, {e.dtype}, {e.backend}, {e.dataset}")


@results.command("check")
def check_results() -> None:
    """Read every stored run strictly, and the weights, and name the files that are not as they should be."""
    from relupool.experiments import weights
    from relupool.experiments.store import Store

    store = Store.default()
    problems = store.check() or weights.check(store)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        raise typer.Exit(1)
    print("every stored run is as it should be")


@results.command("add")
def add_results(files: Annotated[list[Path], typer.Argument(help="Runs in _build/results/STUDY.")]) -> None:
    """Put training runs of your own, and the weights they keep, among those that the book shows, in data/results."""
    from relupool.experiments import weights

    for path in weights.add(files):
        print(path)
