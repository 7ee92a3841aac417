"""The table of all claims on a page: its Markdown, and the script that lets a reader choose among its rows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes

from relupool.book.element import add_scripts
from relupool.claims.judge import Judged
from relupool.experiments.cifar10 import ROOT
from relupool.figures.words import capital

SCRIPT = "scorecard.js"


def table(claims: Iterable[Judged], *, caption: str, name: str, contents: Path = ROOT / "_toc.yml") -> str:
    """The claims as a MyST table, a row each, with links to those chapters that ``contents`` lists."""
    listed = contents.read_text(encoding="utf-8")
    lines = ["| claim | verdict | number | why, and where |", "| --- | --- | --- | --- |"]
    lines += [" | ".join(["", *map(_cell, _row(claim, listed)), ""]).strip() for claim in claims]
    return "\n".join([f"```{{table}} {caption}", f":name: {name}", ":class: claims", "", *lines, "```"])


def open_questions(claims: Iterable[Judged]) -> str:
    """A list of the claims that are open, each with what it lacks; a sentence if there is none."""
    lacking = [f"- **{claim.id}**, {claim.words}. {claim.lacks}" for claim in claims if claim.lacks]
    return "\n".join(lacking) or "Nothing is missing: every claim has a verdict."


def _row(claim: Judged, listed: str) -> list[str]:
    words = capital(claim.words)
    n = f" ({claim.n})" if claim.n else ""
    chapter = f"chapter {int(claim.shown[:2])}"
    where = chapter
    if f"chapters/{claim.shown}" in listed:
        figure = f"[its figure](../figures/{claim.figure}/index.md) in " if claim.figure else ""
        where = f"{figure}[{chapter}]({claim.shown}.ipynb)"
    return [
        f"**{claim.id}** {claim.said} [{claim.author}]({claim.link})",
        f"[{words}]{{.{claim.css}}}",
        f"{claim.number}{n}" if claim.number else "–",
        f"{claim.reason} See {where}.",
    ]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def register(app: Any) -> None:
    """Connect this module to Sphinx; the script is loaded only by pages with such a table."""
    add_scripts(app, (SCRIPT,), _has_claims)


def _has_claims(doctree: nodes.document) -> bool:
    return any("claims" in found.get("classes", []) for found in doctree.findall(nodes.table))
