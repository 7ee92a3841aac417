"""The window of stained glass: its panes fill it, and it is used by keyboard, by pointer, and without scripts."""

from __future__ import annotations

import re

import numpy as np
from playwright.sync_api import Locator, Page

import small_book
from reader import show
from relupool.figures.glass import HEIGHT, WIDTH, path, window
from relupool.theory.regions import Piece

PIECES = {"conv dense max": 4, "conv dense": 2, "conv max": 4, "conv": 2, "dense max": 2, "dense": 1, "max": 2, "": 1}


def area(paths: str) -> float:
    """The area of all polygons of an SVG path with relative steps."""
    total = 0.0
    for polygon in re.findall(r"M[^Mz]+z", paths):
        numbers = np.array(re.findall(r"-?\d+", polygon), float).reshape(-1, 2)
        x, y = numbers.cumsum(axis=0).T
        total += abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
    return total


def test_the_panes_of_every_window_fill_it():
    glass = small_book.glass()
    assert {window["on"]: window["pieces"] for window in glass} == PIECES
    for drawn in glass:
        assert area("".join(path for _, _, path in drawn["panes"])) == WIDTH * HEIGHT
    (kinds,) = ({hue for hue, _, _ in drawn["panes"]} for drawn in glass if drawn["on"] == "dense max")
    assert kinds <= {"relu", "max"}
    assert {hue for hue, _, _ in glass[-1]["panes"]} == {"none"}


def test_a_pane_is_upright_and_closed_once():
    lower_left = np.array([[0, 0], [1, 0], [0, 0.5], [0, 0]])
    assert path(lower_left) == f"M0 {HEIGHT}l{WIDTH} 0-{WIDTH}-{HEIGHT // 2}z"
    twice = [Piece(lower_left[:3], np.ones((3, 1))), Piece(1 - lower_left[:3], np.ones((3, 1)))]
    assert window(twice, on=[])["pieces"] == 1, "two panes with one map are one piece"


def number(page: Page) -> Locator:
    return page.locator("stained-glass .reading strong")


def test_switches_shatter_and_fuse_by_keyboard_and_by_pointer(page: Page, address: str):
    show(page, address + "index.html")
    glass = page.locator("stained-glass")
    assert number(page).inner_text() == "4 pieces"
    assert glass.locator(".large path").count() == glass.locator(".window path").count() - sum(
        len(drawn["panes"]) for drawn in small_book.glass()[1:]
    )
    for part, left in (("max-pooling", "2 pieces"), ("convolutional", "1 piece"), ("dense", "1 piece")):
        glass.get_by_role("switch", name=part).focus()
        page.keyboard.press("Space")
        assert number(page).inner_text() == left
    assert "here and everywhere" in glass.get_by_role("status").inner_text()
    glass.locator(".window").first.click()
    assert number(page).inner_text() == "4 pieces"
    assert "3 more than before" in glass.get_by_role("status").inner_text()
    assert glass.get_by_role("switch", checked=True).count() == 3


def test_without_scripts_and_in_print_two_windows_stand_side_by_side(page: Page, bare: Page, address: str):
    show(page, address + "index.html")
    page.emulate_media(media="print")
    bare.goto(address + "index.html")
    for look in (bare, page):
        texts = look.locator("stained-glass .window:visible").all_inner_texts()
        assert [" ".join(text.split()) for text in texts] == ["4 pieces all three", "1 piece nothing bends"]
