"""What a training run leaves behind: numbers, no weights."""

from __future__ import annotations

import base64
from itertools import pairwise
from typing import Any

import numpy as np
from attrs import asdict, field, fields, frozen
from attrs.validators import optional

from relupool.experiments import experiment
from relupool.experiments.cifar10 import ALTERED
from relupool.experiments.experiment import SCHEMA, Experiment
from relupool.validation import accept, is_whole, kind, one_of, real, refuse, whole

TEXT = kind(str)
FRACTION = real(0, 1)


def _all_within(values: Any, low: float, high: float) -> bool:
    """Whether it is a list of floats from ``low`` to ``high``; quick, since results hold a million of them."""
    return type(values) is list and set(map(type, values)) == {float} and low <= min(values) and max(values) <= high


def _by_window(value: Any) -> bool:
    return isinstance(value, dict) and all(n.isdigit() and _all_within(value[n], 0, 1) for n in value)


FRACTIONS = accept(lambda values: _all_within(values, 0, 1), "a list of numbers from 0 to 1")


@frozen(kw_only=True)
class Layer:
    """What :mod:`relupool.experiments.probes` measured at one convolution, as it is stored; says how it must look."""

    all_negative: dict[str, list[float]] = field(
        validator=accept(_by_window, "lists of numbers from 0 to 1 by the number of values in a window")
    )
    positive: list[float] = field(validator=FRACTIONS)
    pool_gap: list[float] = field(validator=accept(lambda v: _all_within(v, -1e300, 1e300), "a list of finite numbers"))
    rms: float = field(validator=real(0))
    lrn_gain: float | None = field(validator=optional(real(0)))


def _resumptions(value: Any) -> bool:
    def fits(step: Any, commit: Any, *moved: Any) -> bool:
        known = isinstance(commit, str | None) and len(moved) < 2
        return known and is_whole(step) and all({"device", "processor"} <= set(machine) for machine in moved)

    return isinstance(value, list) and all(isinstance(entry, list) and fits(*entry) for entry in value)


@frozen(kw_only=True)
class Provenance:
    """Of what a run came about, as it is stored; says what must be there, and how it must look."""

    device: str = field(validator=TEXT)
    device_kind: str = field(validator=one_of("cpu", "gpu"))
    backend_version: str = field(validator=TEXT)
    keras: str = field(validator=TEXT)
    python: str = field(validator=TEXT)
    commit: str | None = field(validator=kind(str, type(None)))
    started: str = field(validator=TEXT)
    seconds: float = field(validator=real(0))
    dataset_sha256: str = field(validator=TEXT)
    dataset_note: str = field(validator=TEXT)
    processor: dict[str, Any] = field(factory=dict, validator=kind(dict))
    system: str = field(default="", validator=TEXT)
    threads: int = field(default=1, validator=whole(1))
    numpy: str = field(default="", validator=TEXT)
    onednn: dict[str, str] | None = field(default=None, validator=kind(dict, type(None)))
    resumed: list[Any] = field(factory=list, validator=accept(_resumptions, "a list of steps, commits and machines"))
    together: int | None = field(default=None, validator=optional(whole(2)))
    how: str = field(default="", validator=TEXT)
    precision: dict[str, str] = field(factory=dict, validator=kind(dict))
    weights_sha256: str = field(default="", validator=TEXT)


@frozen(kw_only=True)
class Evaluation:
    """One look at a network in training.

    ``accuracy`` (0 to 1) and ``loss`` (mean cross-entropy in nats) are those of the averaged weights on the central
    crops of the images that the run is judged on; ``raw_...`` those of the weights as they are. ``probes`` maps "conv1"
    and "conv2" to what :mod:`relupool.experiments.probes` measured inside the network with its raw weights. A network
    trained by a :class:`~relupool.experiments.experiment.Recipe` is tested on whole images and has no averaged weights:
    both kinds hold the same numbers.
    """

    step: int = field(validator=whole(0))
    accuracy: float = field(validator=FRACTION)
    loss: float = field(validator=real(0))
    raw_accuracy: float = field(validator=FRACTION)
    raw_loss: float = field(validator=real(0))
    probes: dict[str, Any] = field(factory=dict)


@frozen(kw_only=True)
class Run:
    """The outcome of one experiment.

    ``losses`` holds (step, mean training loss since the entry before, weight decay included). ``diverged_at`` is
    None, or the step at whose end the loss was no longer finite; such a run ends there. ``hits`` says which of the
    images that it is judged on the averaged weights got right at the end, one bit each (see :func:`pack`); a diverged
    run has none.
    """

    experiment: Experiment
    evaluations: tuple[Evaluation, ...]
    losses: tuple[tuple[int, float], ...]
    diverged_at: int | None
    hits: str | None
    provenance: dict[str, Any]

    @property
    def key(self) -> str:
        """The experiment's key."""
        return self.experiment.key

    @property
    def device(self) -> str:
        """What it was trained on, such as "a processor", or "a processor, then another one from step 5,000"."""
        before = self.provenance
        words = before["device"]
        for step, _, *moved in before.get("resumed", []):
            for now in moved:
                if (now["device"], now["processor"]) != (before["device"], before.get("processor")):
                    another = "another " if now["device"] == before["device"] else ""
                    words += f", then {another}{now['device']} from step {step:,}"
                before = now
        return words


def pack(hits: np.ndarray) -> str:
    """Booleans as base64 of their packed bits, 1,668 characters for 10,000 images."""
    return base64.b64encode(np.packbits(hits).tobytes()).decode()


def unpack(hits: str, count: int) -> np.ndarray:
    """The first ``count`` booleans of what :func:`pack` made; raises ValueError on any other text."""
    bits = np.unpackbits(np.frombuffer(base64.b64decode(hits, validate=True), np.uint8))
    if not count <= len(bits) < count + 8 or bits[count:].any():
        raise ValueError(f"hits holds {len(bits)} bits, but must hold {count}, filled up with zeros to whole bytes")
    return bits[:count].astype(bool)


def comparable(hits: str, count: int = 10_000) -> np.ndarray:
    """:func:`unpack` without the test images of CIFAR-10 that not every copy has alike."""
    return np.delete(unpack(hits, count), [image for image in ALTERED if image < count])


def to_json(run: Run) -> dict[str, Any]:
    """The whole run as JSON values, with its key and the schema's number, as result files hold it."""
    own = {**asdict(run, recurse=False), "experiment": experiment.to_json(run.experiment)}
    own["evaluations"] = [asdict(evaluation) for evaluation in run.evaluations]
    return {"schema": SCHEMA, "key": run.key, **own, "losses": [list(entry) for entry in run.losses]}


def from_json(data: Any) -> Run:
    """The run that :func:`to_json` wrote; raises ValueError that says what does not fit.

    The key is computed again, the schema compared, every field looked at, and each number must be in its range.
    """
    names = {"schema", "key", *(a.name for a in fields(Run))}
    if not isinstance(data, dict) or data.keys() != names:
        received = sorted(data) if isinstance(data, dict) else type(data).__name__
        refuse("result", received, f"an object of the fields {', '.join(sorted(names))}")
    if type(data["schema"]) is not int or data["schema"] != SCHEMA:  # True is not 1 here
        refuse("schema", data["schema"], str(SCHEMA))
    identity = experiment.from_json(data["experiment"])
    if data["key"] != identity.key:
        refuse("key", data["key"], f"the experiment's own, {identity.key}")
    try:
        evaluations = tuple(Evaluation(**evaluation) for evaluation in data["evaluations"])
        for look in evaluations:
            if not isinstance(look.probes, dict) or look.probes.keys() not in ({"conv1", "conv2"}, set()):
                refuse("probes", look.probes, "empty, or an object of conv1 and conv2")
            for layer in look.probes.values():
                Layer(**layer)
        Provenance(**data["provenance"])
    except TypeError as error:  # a name too many or too few
        raise ValueError(f"evaluations or provenance are not as a run has them: {error}") from error
    given = {name: data[name] for name in ("diverged_at", "hits", "provenance")}
    run = Run(experiment=identity, evaluations=evaluations, losses=tuple(map(tuple, data["losses"])), **given)
    _check_complete(run)
    return run


def _check_complete(run: Run) -> None:
    """Raise ValueError unless the run has all that its schedule asks for, up to its end or its divergence."""
    schedule, end = run.experiment.schedule, run.diverged_at
    if end is not None and not (is_whole(end) and 0 < end <= schedule.steps):
        refuse("diverged_at", end, f"None or a step from 1 to {schedule.steps}")
    _check_losses(run.losses, schedule.steps, end)
    asked = schedule.evaluate_at
    steps = tuple(e.step for e in run.evaluations)
    if steps != (wanted := tuple(step for step in asked if run.diverged_at is None or step < run.diverged_at)):
        refuse("evaluations", steps, f"at the steps {wanted}")
    if run.diverged_at is not None:
        if run.hits is not None:
            refuse("hits", run.hits, "None for a run that diverged")
        return
    right = unpack(run.hits or "", run.experiment.test_images).mean()
    if abs(right - run.evaluations[-1].accuracy) > 1e-9:
        refuse("hits", float(right), f"as many as the last accuracy says, {run.evaluations[-1].accuracy}")


def _check_losses(losses: tuple[Any, ...], steps: int, diverged_at: int | None) -> None:
    """Raise ValueError unless they are numbers at rising steps, to the last one or to where the run diverged."""
    for entry in losses:
        if len(entry) != 2 or not is_whole(entry[0]) or not _all_within([entry[1]], 0, 1e300):
            refuse("losses", entry, "a step and a finite number of at least 0")
    at = [0, *(step for step, _ in losses)]
    if any(a >= b for a, b in pairwise(at)) or (at[-1] != steps if diverged_at is None else at[-1] > diverged_at):
        refuse("losses", tuple(at[1:]), f"at rising steps, up to {diverged_at or steps}")
