"""What the commands share: options, which backend Keras imports, and how an error ends."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from relupool.choices import BACKENDS, PRESETS

Preset = Annotated[str, typer.Option(help=f"One of {', '.join(PRESETS)}.")]
Backend = Annotated[str, typer.Option(help=f"One of {', '.join(BACKENDS)}.")]
Device = Annotated[str, typer.Option(help="cpu or gpu.")]
Trials = Annotated[int, typer.Option(help="Inputs that each check tries.")]
Seed = Annotated[int, typer.Option(help="Draws them.")]


def run_on(backend: str) -> None:
    """Say on which backend Keras is to run, before it is imported."""
    os.environ.update(KERAS_BACKEND=backend, TF_CPP_MIN_LOG_LEVEL="3")


class Commands(TyperGroup):
    """Ends every command with code 2 and one message where a value is refused, or a file cannot be read or written."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        if hasattr(sys.stdout, "reconfigure"):  # a sign that the terminal does not have is no reason to end
            sys.stdout.reconfigure(errors="replace")
        return super().main(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # whoever reads has enough
            raise
        except OSError as error:
            told = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        except (ValueError, LookupError) as error:
            told = str(error)
        print(f"relupool: {told}", file=sys.stderr)
        raise typer.Exit(2)
