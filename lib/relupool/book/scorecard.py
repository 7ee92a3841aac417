"""All claims with their verdicts as HTML: squares that lead to them, and one list with the rule behind a fold."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from relupool.claims.claim import CHAPTERS
from relupool.claims.judge import Judged
from relupool.figures.words import capital


def squares(claims: Iterable[Judged]) -> str:
    """A square for each claim in the colour of its verdict, a row for each source; each leads to its entry."""
    rows: dict[str, list[str]] = {}
    for claim in claims:
        square = (
            f'<a class="{claim.css}" href="#claim-{claim.id}" title="{escape(capital(claim.words))}">'
            f'{claim.id}<span class="visually-hidden">: {claim.verdict}</span></a>'
        )
        rows.setdefault(claim.source, []).append(square)
    body = "".join(f"<p><b>{escape(capital(source))}</b> {' '.join(found)}</p>" for source, found in rows.items())
    legend = " ".join(f'<span class="is-{word.split()[0]}">{word}</span>' for word in _words(rows))
    return f'<nav class="squares" aria-label="All claims">{body}<p class="legend">{legend}</p></nav>'


def listed(claims: Iterable[Judged]) -> str:
    """One entry for each claim: what was said, the verdict, the number, and folded the reason and the rule."""
    return f'<ol class="claims">{"".join(map(_entry, claims))}</ol>'


def open_questions(claims: Iterable[Judged]) -> str:
    """A list of the claims that lack something, each with what it lacks; a sentence if there is none."""
    lacking = [f"- **{claim.id}**, {claim.words}. {claim.lacks}" for claim in claims if claim.lacks]
    return "\n".join(lacking) or "Nothing is missing: every claim has a verdict."


def _words(rows: dict[str, list[str]]) -> list[str]:
    shown = {match[1] for found in rows.values() for text in found if (match := re.search(r">: ([a-z ]+)<", text))}
    return [word for word in ("true", "partly true", "false", "open") if word in shown]


def _entry(claim: Judged) -> str:
    place = next(name for name, stem in CHAPTERS.items() if stem == claim.shown)
    where = f'<a href="{claim.shown}.html">{"chapter" if place.isdigit() else "note"} {place}</a>'
    if claim.figure:
        where = f'<a href="../figures/{claim.figure}/index.html">figure</a>, {where}'
    number = f'<span class="number">{_html(claim.number)}</span>' if claim.number else ""
    told = {"Found": claim.reason, "Rule": claim.rule, "Checked by": capital(claim.check)}
    told |= {"It would turn with": capital(claim.turns)} if claim.turns else {}
    rows = "".join(f'<tr><th scope="row">{name}</th><td>{_html(text)}</td></tr>' for name, text in told.items())
    return (
        f'<li id="claim-{claim.id}" class="{claim.css}"><p class="said"><b>{claim.id}</b> {_html(claim.said)} '
        f'<a class="author" href="{claim.link}">{escape(claim.author)}</a></p>'
        f'<p class="verdict"><strong>{capital(claim.verdict)}</strong>{_limit(claim)} {number}</p>'
        f"<details><summary>Why, and by which rule</summary><table>{rows}</table></details>"
        f'<p class="where">{where}</p></li>'
    )


def _limit(claim: Judged) -> str:
    return f' <span class="tag">{_html(claim.condition)}</span>' if claim.condition else ""


def _html(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
