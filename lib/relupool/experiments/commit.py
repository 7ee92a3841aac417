"""The commit of the book in a folder: of the book's own repository, never of one that the book merely lies in."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any


def commit(root: Path | str = ".", part: str = ".") -> dict[str, Any]:
    """The ``commit`` checked out in ``root``, and whether ``part`` of it is ``clean``; None where no repository begins.

    What the environment says of repositories, as that of a hook does, is not heard; nothing is written, no lock taken.
    """
    try:
        if Path(_git(root, "rev-parse", "--show-toplevel")).samefile(root):
            changed = _git(root, "status", "--porcelain", "--untracked-files", "--", part)
            return {"commit": _git(root, "rev-parse", "HEAD"), "clean": changed == ""}
    except (OSError, subprocess.CalledProcessError):
        pass
    return {"commit": None, "clean": None}


def _git(root: Path | str, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "--no-optional-locks", *arguments]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.removesuffix("\n")
