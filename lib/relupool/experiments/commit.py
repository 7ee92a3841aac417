"""The commit of the book in a folder: of the book's own repository, never of one that the book merely lies in."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

from relupool.validation import refuse


def commit(root: Path | str = ".", part: str = ".") -> dict[str, Any]:
    """The ``commit`` checked out in ``root``, and whether ``part`` of it is ``clean``.

    Where no repository begins it is what RELUPOOL_COMMIT says, 40 digits and a "+" if that was changed, or None. What
    the environment says of repositories, as that of a hook does, is not heard; nothing is written, no lock taken.
    """
    try:
        if Path(_git(root, "rev-parse", "--show-toplevel")).samefile(root):
            changed = _git(root, "status", "--porcelain", "--untracked-files", "--", part)
            return {"commit": _git(root, "rev-parse", "HEAD"), "clean": changed == ""}
    except (OSError, subprocess.CalledProcessError):
        pass
    if not (told := os.environ.get("RELUPOOL_COMMIT", "")):
        return {"commit": None, "clean": None}
    if not re.fullmatch(r"[0-9a-f]{40}\+?", told):
        refuse("RELUPOOL_COMMIT", told, "the 40 hexadecimal digits of a commit, and + if that was changed")
    return {"commit": told.removesuffix("+"), "clean": not told.endswith("+")}


def _git(root: Path | str, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "--no-optional-locks", *arguments]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.removesuffix("\n")
