"""What a training run leaves behind: numbers, no weights."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
from attrs import asdict, field, fields, frozen

from relupool.experiments import experiment
from relupool.experiments.cifar10 import ALTERED
from relupool.experiments.experiment import SCHEMA, Experiment
from relupool.validation import refuse


@frozen(kw_only=True)
class Evaluation:
    """One look at a network in training.

    ``accuracy`` (0 to 1) and ``loss`` (mean cross-entropy in nats) are those of the averaged weights on the central
    crops of the images that the run is judged on; ``raw_...`` those of the weights as they are. ``probes`` maps "conv1"
    and "conv2" to what :mod:`relupool.experiments.probes` measured inside the network with its raw weights. A network
    trained by a :class:`~relupool.experiments.experiment.Recipe` is tested on whole images and has no averaged weights:
    both kinds hold the same numbers.
    """

    step: int
    accuracy: float
    loss: float
    raw_accuracy: float
    raw_loss: float
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
                if (now["device"], now["processor"]) != (before["device"], before["processor"]):
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

    The key is computed again, the schema compared, every field looked at, and each number must be finite.
    """
    names = {"schema", "key", *(a.name for a in fields(Run))}
    if not isinstance(data, dict) or data.keys() != names:
        received = sorted(data) if isinstance(data, dict) else type(data).__name__
        refuse("result", received, f"an object of the fields {', '.join(sorted(names))}")
    if data["schema"] != SCHEMA:
        refuse("schema", data["schema"], str(SCHEMA))
    identity = experiment.from_json(data["experiment"])
    if data["key"] != identity.key:
        refuse("key", data["key"], f"the experiment's own, {identity.key}")
    try:
        json.dumps(data, allow_nan=False)
        evaluations = tuple(Evaluation(**evaluation) for evaluation in data["evaluations"])
        losses = tuple((int(step), float(loss)) for step, loss in data["losses"])
    except (TypeError, ValueError) as error:
        raise ValueError(f"evaluations or losses are not as a run has them, finite numbers: {error}") from error
    given = {name: data[name] for name in ("diverged_at", "hits", "provenance")}
    run = Run(experiment=identity, evaluations=evaluations, losses=losses, **given)
    _check_complete(run)
    return run


def _check_complete(run: Run) -> None:
    """Raise ValueError unless the run has all that its schedule asks for, up to its end or its divergence."""
    asked = run.experiment.schedule.evaluate_at
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
