"""All claims with their verdicts as HTML: how many of each, squares that lead to them, a list, and an appendix."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from html import escape

import pandas as pd

from relupool.claims.claim import CHAPTERS
from relupool.claims.judge import Judged
from relupool.claims.rules import FALSE, OPEN, PARTLY, TRUE, VERDICTS
from relupool.words import capital

FIRST = FALSE, PARTLY, OPEN, TRUE
"""The verdicts in the order of the list: what is not simply true comes first."""


def tally(claims: Iterable[Judged]) -> str:
    """A bar in parts as wide as verdicts on claims are frequent, each of which leads to its group in the list."""
    verdicts = Counter(claim.verdict for claim in claims if claim.kind == "claim")
    parts = [
        f'<a class="{_css(verdict)}" style="flex-grow: {verdicts[verdict]}" href="#verdict-{_css(verdict)}">'
        f"<b>{verdicts[verdict]}</b> {verdict}</a>"
        for verdict in VERDICTS
        if verdicts[verdict]
    ]
    return f'<nav class="squares tally" aria-label="Verdicts">{"".join(parts)}</nav>'


def squares(claims: Iterable[Judged]) -> str:
    """A square for each claim in the colour of its verdict, a row for each source; each leads to its entry.

    A question is round, and has its mark.
    """
    rows: dict[str, list[str]] = {}
    claims = list(claims)
    for claim in claims:
        also, mark = (" is-question", "?") if claim.kind == "question" else ("", "")
        square = (
            f'<a class="{_css(claim.verdict)}{also}" href="#claim-{claim.id}" title="{escape(capital(claim.words))}">'
            f'{claim.id}{mark}<span class="visually-hidden">: {claim.verdict}</span></a>'
        )
        rows.setdefault(claim.source, []).append(square)
    body = "".join(f"<p><b>{escape(capital(source))}</b> {' '.join(own)}</p>" for source, own in rows.items())
    shown = {claim.verdict for claim in claims}
    words = {word: _css(word) for word in VERDICTS if word in shown}
    words |= {"? a question": "is-question"} if "is-question" in body else {}
    legend = " ".join(f'<span class="{css}">{word}</span>' for word, css in words.items())
    return f'<nav class="squares" aria-label="All claims">{body}<p class="legend">{legend}</p></nav>'


def listed(claims: Iterable[Judged]) -> str:
    """One entry for each claim: what was said, the verdict, the number, and folded the reason and the rule."""
    groups: dict[str, list[str]] = {verdict: [] for verdict in FIRST}
    for claim in sorted(claims, key=_proved):
        groups[claim.verdict].append(_entry(claim))
    return "".join(
        f'<p class="verdict-group" id="verdict-{_css(verdict)}">{capital(verdict)}</p>'
        f'<ol class="claims">{"".join(entries)}</ol>'
        for verdict, entries in groups.items()
        if entries
    )


def _proved(claim: Judged) -> bool:
    """Whether it is simply true by theorems, so that no number says more; these come last."""
    return claim.verdict == TRUE and claim.check.startswith("theorems")


def appendix(claims: Iterable[Judged], changes: pd.DataFrame) -> str:
    """Two folded tables: the rules that were changed after data were seen, and what is still missing."""
    changed = [
        (row.claim, f"<b>Before:</b> {_html(row.was)}.<br><b>Now:</b> {_html(row.now)}.<br>"
         f"<b>Why:</b> {_html(row.why)}. {_tag(f'{row.effect}, {row.since}')}")
        for row in changes.rename(columns={"is": "now"}).itertuples()
    ]  # fmt: skip
    lacking: dict[str, list[str]] = {}
    for claim in claims:
        if claim.lacks:
            lacking.setdefault(claim.lacks, []).append(claim.id)
    planned = [(", ".join(ids), _html(what)) for what, ids in lacking.items()]
    folds = [_fold(f"{len(changed)} changes to rules after data were seen", changed)] if changed else []
    folds += [_fold("What open claims lack, and runs that are planned", planned)] if planned else []
    return f'<div class="claims">{"".join(folds)}</div>'


def _fold(summary: str, rows: list[tuple[str, str]]) -> str:
    """A table of two columns behind a line: names, and what is said of them."""
    body = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{text}</td></tr>' for name, text in rows)
    return f"<details><summary>{summary}</summary><table>{body}</table></details>"


def _entry(claim: Judged) -> str:
    place = next(name for name, stem in CHAPTERS.items() if stem == claim.shown)
    where = f'<a href="{claim.shown}.html">{"chapter" if place.isdigit() else "note"} {place}</a>'
    if claim.figure:
        where = f'<a href="../figures/{claim.figure}/index.html">figure</a>, {where}'
    # how many statements held is no news where all did; the reason names them
    number = "" if _proved(claim) else _html(". ".join(filter(None, [capital(claim.number), claim.elsewhere])))
    limit = f" {_tag(claim.condition)}" if claim.condition else ""
    told = {"Found": claim.reason, "Rule": claim.rule, "Checked by": capital(claim.check)}
    told |= {"What would change it": capital(claim.turns)} if claim.turns else {}
    rows = [(name, _html(text)) for name, text in told.items()]
    return (
        f'<li id="claim-{claim.id}" class="{_css(claim.verdict)}">'
        f'<p class="said"><b>{claim.id}</b> {_html(claim.said)} '
        f'<a class="author" href="{claim.link}">{escape(claim.author)}</a></p>'
        f'<p class="verdict"><strong>{capital(claim.verdict)}</strong>{limit} <span class="number">{number}</span></p>'
        f"{_fold('Why, and by which rule', rows)}"
        f'<p class="where">{where}</p></li>'
    )


def _css(verdict: str) -> str:
    """The class by which the site colours a verdict; its word says the same."""
    return f"is-{verdict.split()[0]}"


def _tag(text: str) -> str:
    """A few words that limit what they follow."""
    return f'<span class="tag">{_html(text)}</span>'


def _html(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
