"""A feature map in both orders of activation and pooling, and the windows where they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from relupool.figures import style
from relupool.figures.figure import Figure
from relupool.theory.activations import ACTIVATIONS
from relupool.theory.reference import average_pool, max_pool
from relupool.validation import refuse

POOLS = {"max-pool": max_pool, "average-pool": average_pool}
BELOW, ABOVE = "#2684d6", "#e2621e"
"""Of zero; by their transparency on light and dark pages alike, since a grid of values has no dark twin."""


def in_both_orders(z: np.ndarray, *, activation: str = "relu") -> pd.DataFrame:
    """The map ``z`` ``(side, side)`` and what each pooling and the activation make of it, in both orders.

    Pooling is the example's: 3 x 3, stride 2, padded but padding not counted. Columns: map ("before", "ReLU, then
    max-pool"), row, column, value, and differs, whether the other order gives that window another value.
    """
    z = np.asarray(z, np.float64)
    if z.ndim != 2 or z.size == 0:
        refuse("z", f"of shape {z.shape}", "one map, of shape (side, side)")
    function, name = ACTIVATIONS[activation], _written(activation)
    parts = list(_rows("before", z, np.zeros(z.shape, bool)))
    for title, pool in POOLS.items():
        last, first = _pooled(pool, function(z)), function(_pooled(pool, z))
        differs = ~np.isclose(last, first, rtol=1e-9, atol=1e-9)
        parts += [*_rows(f"{name}, then {title}", last, differs), *_rows(f"{title}, then {name}", first, differs)]
    return pd.DataFrame(parts, columns=["map", "row", "column", "value", "differs"])


def feature_map(
    frame: pd.DataFrame, *, picture: np.ndarray, name: str, layer: str, basis: str, id: str = "fig-feature-maps"
) -> Figure:
    """The maps of :func:`in_both_orders`, beside the ``picture`` of a ``name`` that ``layer`` was given.

    ``picture`` is uint8 ``(height, width, 3)``; ``layer`` says which map it is, "channel 8 of conv1".
    """
    limit = float(frame.loc[frame["map"] == "before", "value"].abs().max()) or 1.0
    counted = {str(title): (int(part["differs"].sum()), len(part)) for title, part in frame.groupby("map", sort=False)}
    titles = list(counted)[1:]
    with style.scoped():
        plot, panels = style.canvas(5.0, nrows=2, ncols=3)
        panels[0, 0].imshow(picture, interpolation="none")
        panels[0, 0].set_title(name, **TITLE)
        _draw(panels[1, 0], frame[frame["map"] == "before"], limit)
        panels[1, 0].set_title(layer, **TITLE)
        for axes, title in zip(panels[:, 1:].flat, titles, strict=True):
            _draw(axes, frame[frame["map"] == title], limit)
            axes.set_title(title.replace(", ", ",\n"), **TITLE)
        for axes in panels.flat:
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set(visible=True, color=style.GRID)
    said = {f"{pool}ing": f"{counted[t][0]} of {counted[t][1]} windows differ" for pool in POOLS
            for t in titles if t.endswith(f"then {pool}")}  # fmt: skip
    return Figure(
        id=id,
        plot=plot,
        frame=frame,
        caption=f"A feature map in both orders. What {layer} makes of {_an(name)}, and what becomes of that when the "
        f"activation comes first and when the pooling does. {_sentence(said)}; each of these has a dot. Blue is below "
        "zero, orange above.",
        alt=f"A picture of {_an(name)} and the map that {layer} makes of it, then four smaller maps: both orders, with "
        f"max-pooling above and with average-pooling below. {_sentence(said)}.",
        basis=basis,
    )


TITLE = {"fontsize": style.SMALL, "fontweight": "normal", "pad": 4}


def _rows(title: str, values: np.ndarray, differs: np.ndarray) -> Iterator[tuple[str, int, int, float, bool]]:
    for (row, column), value in np.ndenumerate(values):
        yield title, row, column, float(value), bool(differs[row, column])


def _pooled(pool: Callable[..., np.ndarray], z: np.ndarray) -> np.ndarray:
    return pool(z[None, :, :, None], 3, 2, "same")[0, :, :, 0]


def _draw(axes: Axes, part: pd.DataFrame, limit: float) -> None:
    values = part.pivot(index="row", columns="column", values="value").to_numpy()
    colours = np.where((values < 0)[..., None], to_rgb(BELOW), to_rgb(ABOVE))
    axes.imshow(np.dstack([colours, np.clip(np.abs(values) / limit, 0, 1)]), interpolation="none")
    marked = part[part["differs"]]
    axes.scatter(marked["column"], marked["row"], s=9, color=style.INK, edgecolor=style.PAPER, linewidth=0.6, zorder=3)


def _written(activation: str) -> str:
    return {"relu": "ReLU", "silu": "SiLU", "gelu": "GELU"}.get(activation, activation)


def _an(name: str) -> str:
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def _sentence(said: dict[str, str]) -> str:
    return "; ".join(f"With {pool}, {outcome}" if not n else f"with {pool}, {outcome}"
                     for n, (pool, outcome) in enumerate(said.items()))  # fmt: skip
