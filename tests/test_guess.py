"""Guess, then look: the guess beside the answer, by keyboard and by pointer; without scripts a fold."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

import small_book
from conftest import ROOT
from reader import show

EXAMPLE = f"{small_book.PAGE}.html"
CHAPTERS = sorted((ROOT / "chapters").glob("0[1-6]_*.ipynb"))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_each_chapter_asks_two_short_questions(chapter: Path):
    cells = json.loads(chapter.read_text(encoding="utf-8"))["cells"]
    guesses = re.findall(r"```\{guess\} (.*?)\n```", "\n".join("".join(cell["source"]) for cell in cells), re.S)
    assert len(guesses) == 2
    for guess in guesses:
        assert len(re.sub(r":\w+:|\{\{.*?\}\}|\|", "", guess).split()) <= 45


def test_a_choice_is_marked_beside_the_answer_once(page: Page, address: str):
    show(page, address + EXAMPLE)
    guess = page.locator("guess-first").first
    assert not guess.get_by_text("By Theorem").is_visible()
    guess.get_by_role("button", name="all", exact=True).focus()
    page.keyboard.press("Enter")
    assert guess.get_by_role("status").inner_text().startswith("Not quite: those that are not")
    assert guess.locator(".wrong").inner_text() == "all"
    assert guess.locator(".right mjx-container").count() == 1
    assert guess.get_by_text("By Theorem").is_visible()
    guess.locator(".right button").dispatch_event("click")
    assert guess.get_by_role("status").inner_text().startswith("Not quite"), "the first guess stays"
    assert page.evaluate("document.activeElement.closest('guess-first') !== null")


def test_a_slider_shows_where_the_answer_lies(page: Page, address: str):
    show(page, address + EXAMPLE)
    guess = page.locator("guess-first").nth(1)
    slider, answer = guess.get_by_role("slider", name="How many?"), guess.locator("i")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "51\N{NO-BREAK SPACE}%"
    assert not answer.is_visible()
    guess.get_by_role("button").click()
    assert guess.get_by_role("status").inner_text().replace("\N{NO-BREAK SPACE}", " ") == "You said 51 %, it is 27 %."
    track, mark = slider.bounding_box(), answer.bounding_box()
    share = (mark["x"] + mark["width"] / 2 - track["x"]) / track["width"]
    assert share == pytest.approx(0.27, abs=0.02)


def test_without_scripts_the_question_is_seen_and_the_answer_is_in_a_fold(bare: Page, address: str):
    bare.goto(address + EXAMPLE)
    guess = bare.locator("guess-first").first
    assert guess.locator(".choices li").count() == 3
    assert guess.locator(".choices").is_visible()
    assert not guess.locator(".answer").is_visible()
    guess.get_by_text("The answer").click()
    assert guess.locator(".answer").inner_text().startswith("Those that are not")
