"""What the commands share: options, and how a refusal ends."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

Preset = Annotated[str, typer.Option(help="quick, standard or paper.")]
Backend = Annotated[str, typer.Option(help="tensorflow or jax.")]
Device = Annotated[str, typer.Option(help="cpu or gpu.")]


@contextmanager
def errors() -> Iterator[None]:
    """End with code 2 and one message where a value is refused or something is missing."""
    try:
        yield
    except (ValueError, LookupError) as error:
        print(f"relupool: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
