"""The rendered site: one command that builds it, and the Sphinx extension that Jupyter Book loads while it does.

``python -m relupool.site.website [ROOT]`` stages the executed chapters (:mod:`relupool.site.stage`), runs
``jupyter-book build _build/stage -W -n --keep-going`` and leaves the site in ``_build/html/index.html``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

from relupool.book import contained
from relupool.site import (
    bibliography,
    check,
    corrections,
    figure_pages,
    first_page,
    previews,
)
from relupool.site.elements import Drawn, PoolWindow, TrainingBoard, add_element, add_scripts
from relupool.site.guess import Guess
from relupool.site.head import base_address
from relupool.site.stage import FOOTER, stage

STATIC = Path(str(files("relupool.site").joinpath("static")))
BINDER, COLAB = "https://mybinder.org", "https://colab.research.google.com"

ELEMENTS: dict[str, tuple[Any, ...]] = {
    "pool-window": (PoolWindow, "pool-window.js"),
    "training-board": (TrainingBoard, "tiny-network.js", "training-board.js"),
    "stained-glass": (Drawn, "stained-glass.js"),
    "feature-maps": (Drawn, "feature-maps.js"),
    "guess": (Guess, "guess.js"),
}
"""What readers play with, by the name of its directive, with its scripts in their order."""


def build(root: Path | str = ".") -> Path:
    """Stage and render the book whose sources are in ``root``; the path of the site's first page.

    All of it is rendered anew, for a page that is not does not repeat its warnings. Raises RuntimeError if Jupyter Book
    reports a warning or an error, after it has printed them all, or if a reader would stumble over what it has made
    (:func:`relupool.site.check.faults`).
    """
    root = Path(root).resolve()
    staged, site = stage(root), root / "_build" / "html"
    for made in (site, root / "_build" / ".doctrees"):
        shutil.rmtree(made, ignore_errors=True)
    marked, watcher = contained.watch()
    with watcher:
        done = subprocess.run(
            [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", str(staged)]
            + ["-W", "-n", "--keep-going", "-q", "--path-output", str(root)],
            cwd=root,
            env=os.environ | marked,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"Jupyter Book ended with code {done.returncode}; its warnings stand above")
    if found := check.faults(site, hidden=places(root)):
        raise RuntimeError("\n- ".join(["the pages have faults:", *found]))
    return site / "index.html"


def places(root: Path) -> tuple[str, ...]:
    """The paths of this machine that no page may name: the book's folder, and the home folder if it is a place."""
    return tuple({str(root), os.path.expanduser("~").rstrip("/")} - {"", "~"})


def complete_settings(app: Any, config: Any) -> None:
    """Derive what hangs on the repository's address, without which there are no links; and name the book everywhere."""
    config.html_baseurl = base_address(config.html_baseurl or "")
    options = config.html_theme_options
    options["extra_footer"] = (Path(app.srcdir) / FOOTER).read_text(encoding="utf-8")
    if options.get("repository_url"):
        options.update(use_repository_button=True, use_source_button=True, use_issues_button=True)
        options.setdefault("launch_buttons", {}).update(colab_url=COLAB, binderhub_url=BINDER)


def number_notes(_: Any, env: Any) -> list[str]:
    """Count figures, tables and theorems anew in each note, with its letter: A.1 and B.2; the pages that this changes.

    A note is told by its name, such as "chapters/A_flipped_kernels".
    """
    changed = []
    for page, kinds in env.toc_fignumbers.items():
        if note := re.match(r"(?:.*/)?([A-Z])_[^/]*$", page):
            for kind, numbers in kinds.items():
                kinds[kind] = {id: (note[1], place) for place, id in enumerate(numbers, 1)}
            changed.append(page)
    return changed


def setup(app: Any) -> dict[str, Any]:
    """Register everything with Sphinx."""
    bibliography.register()
    app.add_config_value("comments_config", {}, "html")  # Jupyter Book sets it, though sphinx_comments is not loaded
    app.connect("config-inited", complete_settings, priority=100)
    app.connect("builder-inited", lambda app: app.config.html_static_path.append(str(STATIC)))
    app.add_css_file("site.css", priority=900)
    app.add_js_file("site.js", loading_method="defer")
    app.connect("env-get-updated", number_notes, priority=900)  # after Sphinx's own numbering
    for name, (directive, *scripts) in ELEMENTS.items():
        add_element(app, name, directive, scripts)
    add_scripts(app, ["mixer.js"], lambda doctree: doctree["source"].endswith(first_page.PAGE))
    app.connect("doctree-resolved", figure_pages.add_toolbars)
    app.connect("build-finished", previews.write, priority=400)  # what it writes is corrected with its page
    app.connect("build-finished", corrections.finish)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    try:
        print(f"the site is {build(*sys.argv[1:])}")
    except (RuntimeError, ValueError, OSError) as error:
        raise SystemExit(f"the site was not built: {error}") from error
