"""What the commands share: options, which backend Keras imports, and how a refusal ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from relupool.choices import BACKENDS, PRESETS

Preset = Annotated[str, typer.Option(help=f"One of {', '.join(PRESETS)}.")]
Backend = Annotated[str, typer.Option(help=f"One of {', '.join(BACKENDS)}.")]
Device = Annotated[str, typer.Option(help="cpu or gpu.")]
Trials = Annotated[int, typer.Option(help="Inputs that each check tries.")]
Seed = Annotated[int, typer.Option(help="Draws them.")]


def run_on(backend: str) -> None:
    """Say on which backend Keras is to run, before it is imported."""
    os.environ.update(KERAS_BACKEND=backend, TF_CPP_MIN_LOG_LEVEL="3")


@contextmanager
def errors() -> Iterator[None]:
    """End with code 2 and one message where a value is refused or something is missing."""
    try:
        yield
    except (ValueError, LookupError) as error:
        print(f"relupool: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
