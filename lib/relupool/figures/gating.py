"""ReLU's values and its gradient taken apart."""

from __future__ import annotations

import pandas as pd
from matplotlib.ticker import MultipleLocator

from relupool import words
from relupool.figures import marks, style
from relupool.figures.figure import Figure, basis_of
from relupool.measures import runs
from relupool.measures.estimate import estimated

NETWORKS = {
    "ReLU": ("ReLU, no LRN", "ReLU"),
    "no ReLU": ("identity, no LRN", "identity"),
    "the gate alone": ("identity forward, gradient gated, no LRN", "identity forward, gradient gated"),
    "ReLU without\nits gate": ("ReLU ungated, after the pools, no LRN", "ReLU ungated, after the pools"),
}
"""What a reader calls the networks of :func:`gates`, and their labels in the studies of the two panels."""

PANELS = ("with ReLU between the dense layers", "without ReLU between the dense layers")
"""How the networks of the two studies differ."""


def labels(place: int) -> tuple[str, ...]:
    """What the study of panel number ``place`` calls the networks: ReLU, no ReLU, the gate alone, the values alone."""
    return tuple(names[place] for names in NETWORKS.values())


@style.scoped()
def gates(*frames: pd.DataFrame) -> Figure:
    """Final accuracy with ReLU, without, and of each with the other's gradient: a panel for each of two studies.

    ``frames`` are rows of the store: of :data:`~relupool.experiments.studies.GATING` with its network after the pools,
    and where it is there of :data:`~relupool.experiments.studies.GATING_WHERE_IT_GAINS`.
    """
    table = pd.concat([_ends(frame, place) for place, frame in enumerate(frames)], ignore_index=True)
    plot, panels = style.canvas(3.3, ncols=len(frames), sharey=True, sharex=True, squeeze=False)
    for place, (axes, frame) in enumerate(zip(panels.flat, frames, strict=True)):
        ends = runs.ends(frame).set_index("network")["accuracy"]
        for row in table[table["panel"] == PANELS[place]].itertuples():
            height = list(NETWORKS).index(row.network)
            hue = style.RELU if row.network.startswith("ReLU") else style.AVERAGE
            axes.axhline(height, color=style.PALE, linewidth=6, zorder=0)
            if row.n:
                seeds = ends.loc[[NETWORKS[row.network][place]]]
                marks.estimate(axes, height, row.mean, (row.low, row.high), hue, seeds=seeds)
            axes.text(0.02, height - 0.2, row.said, color=hue, va="bottom", size=style.SMALL)
        axes.set(xlim=(0, 1), ylim=(len(NETWORKS) - 0.6, -0.75))
        title = PANELS[place].replace("between ", "between\n")
        axes.set_title(f"{title}, {frame['steps'].max():,} steps", pad=4, weight="normal")
        marks.rows(axes, list(NETWORKS))
        axes.xaxis.set_major_locator(MultipleLocator(0.2))
        marks.percent_axis(axes, "x", sign="")
    plot.supxlabel("test accuracy in per cent")
    shown = pd.concat([frame[frame["network"].isin(labels(place))] for place, frame in enumerate(frames)])
    wide = table.pivot(index="panel", columns="network", values="mean")[list(NETWORKS)]
    worse = wide.iloc[:, 2:].max(axis=1).lt(wide.iloc[:, :2].min(axis=1)) | wide.iloc[:, 2:].isna().all(axis=1)
    lost = int((table["trained"] - table["n"]).sum())
    title = f"{'No network' if worse.all() else 'Some network'} did better with another function’s gradient"
    title += f", and {words.count(lost, 'run')} diverged" if lost else ""
    dots = "Large dots are means, bars their {level} intervals, small dots single seeds."
    said = words.pairs({f"{row.panel}, {' '.join(row.network.split())}": row.said for row in table.itertuples()})
    return Figure(
        id="fig-gates",
        plot=plot,
        frame=table.drop(columns="said"),
        caption=f"{title}. The gate alone passes every value, and the gradient where the value is positive; "
        "ReLU without its gate, here after the pool, has ReLU’s values and passes every gradient. "
        f"{marks.what_dots_are(table['n'], dots)}",
        alt=f"Dot chart of final test accuracies. {said}.",
        basis=basis_of(shown),
        runs=sorted(shown["key"].unique()),
    )


def _ends(frame: pd.DataFrame, place: int) -> pd.DataFrame:
    """What each network of a panel ended with, in numbers and in words."""
    rows = []
    for name, label in zip(NETWORKS, labels(place), strict=True):
        trained = frame.loc[frame["network"] == label, "seed"].nunique()
        end = estimated(frame[frame["step"] == frame["steps"]], {label: 1})
        row = {"n": end.n, "mean": end.mean, "low": end.ends[0], "high": end.ends[1]} if end else {"n": 0}
        said = words.with_interval(row["mean"], row["low"], row["high"]) if end else "diverged"
        if lost := trained - row["n"]:
            said += f", {lost} of {words.count(trained, 'seed')}"
        rows.append({"panel": PANELS[place], "network": name, "trained": trained, **row, "said": said})
    return pd.DataFrame(rows)
