"""What elements share, and the window of numbers, in headless Chromium: right, and used by keyboard and by ear."""

from __future__ import annotations

import gzip
import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from scipy.stats import norm

import small_book
from reader import show
from relupool.site.elements import CHOICES
from relupool.site.website import ELEMENTS, STATIC
from relupool.theory.reference import average_pool, max_pool

EXAMPLE = f"{small_book.PAGE}.html"


def outcomes(window: Locator) -> list[list[str]]:
    """Rows of the window's table: pool first, activation first, whether it matters; columns max and average."""
    rows = window.locator("tbody tr").all()
    return [row.locator("td").all_inner_texts() for row in rows]


@pytest.mark.parametrize("scripts", [("mixer.js",), *(scripts for _, *scripts in ELEMENTS.values())], ids=str)
def test_the_scripts_of_an_element_are_small(scripts: tuple[str, ...]) -> None:
    size = sum(len(gzip.compress((STATIC / name).read_bytes(), mtime=0)) for name in ("site.js", *scripts))
    print(f"{size:,} bytes")
    assert size <= 15_000


def test_what_elements_share_computes_what_numpy_does(page: Page, address: str) -> None:
    show(page, address + EXAMPLE)
    x = np.linspace(-6, 6, 481)
    ours = page.evaluate(
        "xs => Object.fromEntries(Object.entries(relupool.ACTIVATIONS).map(([name, [_, f]]) => [name, xs.map(f)]))",
        x.tolist(),
    )
    assert list(ours) == list(CHOICES)
    for name, choice in CHOICES.items():
        np.testing.assert_allclose(ours[name], choice.function(x), rtol=1e-9, atol=1e-6, err_msg=name)
    numbers = {
        -2.5: "\N{MINUS SIGN}2.5",
        1.8744e-16: "1.874 × 10⁻¹⁶",
        -3e21: "\N{MINUS SIGN}3 × 10²¹",
        0.00012: "0.00012",
    }
    shown = page.evaluate("xs => xs.map(relupool.shown)", list(numbers))
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in shown] == list(numbers.values())
    for side in (24, 12, 7):
        z = np.random.default_rng(side).normal(size=(side, side))
        for name, pool in {"max": max_pool, "average": average_pool}.items():
            pooled = page.evaluate("([z, side, name]) => relupool.pooled(z, side, relupool.POOLS[name])",
                                   [z.ravel().tolist(), side, name])  # fmt: skip
            np.testing.assert_allclose(pooled, pool(z[None, :, :, None], 3, 2, "same").ravel(), rtol=1e-12)


def test_window_compares_the_two_orders(page: Page, address: str) -> None:
    show(page, address + EXAMPLE)
    window = page.locator("pool-window#window")
    values = np.array([-2, -1, 3, 0.5, -4, 1, 2, -0.5, -3])
    activation = window.get_by_label("activation")
    assert activation.locator("option").all_inner_texts() == [choice.label for choice in CHOICES.values()]
    for name, choice in CHOICES.items():
        activation.select_option(name)
        expected = np.array(
            [[choice.function(pool(values)), pool(choice.function(values))] for pool in (np.max, np.mean)]
        )
        *results, compared = outcomes(window)
        shown = np.array([[float(cell.replace("\N{MINUS SIGN}", "-")) for cell in row] for row in results])
        np.testing.assert_allclose(shown.T, expected, rtol=6e-4, atol=1e-6)
        equal = np.isclose(*expected.T, atol=1e-9)
        assert [cell == "= same" for cell in compared] == equal.tolist()
        told = [sentence.endswith("the same in both orders") for sentence in
                re.split(r"\.(?: |$)", window.get_by_role("status").inner_text())[:2]]  # fmt: skip
        assert told == equal.tolist()
        assert choice.label in window.get_by_role("status").inner_text()


def test_windows_do_not_disturb_each_other(page: Page, address: str) -> None:
    show(page, address + EXAMPLE)
    first, second = page.locator("pool-window").all()
    before = outcomes(first)
    assert second.get_by_label("activation").input_value() == "gelu"
    assert [cell[0] for cell in outcomes(second)[2]] == ["\N{NOT EQUAL TO}"] * 2
    second.get_by_label("row 1, column 1").fill("5")
    assert outcomes(second)[2][0] == "= same"
    assert second.locator("input.largest").evaluate_all("cells => cells.map(cell => cell.value)") == ["5"]
    assert outcomes(first) == before
    assert len({window.get_attribute("id") for window in (first, second)}) == 2


@pytest.mark.parametrize("width", [360, 1280])
def test_all_of_a_window_is_in_sight(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    show(page, address + EXAMPLE)
    for window in page.locator("pool-window").all():
        assert window.evaluate("box => box.scrollWidth <= box.clientWidth")
        box = window.bounding_box()
        for part in window.locator("input, select, button, table, [role=status]").all():
            inner = part.bounding_box()
            assert box["x"] < inner["x"] and inner["x"] + inner["width"] < box["x"] + box["width"]
            assert float(part.evaluate("part => parseFloat(getComputedStyle(part).fontSize)")) >= 13


def test_window_is_used_by_keyboard_and_refuses_what_is_no_number(page: Page, address: str) -> None:
    show(page, address + EXAMPLE)
    window = page.locator("pool-window#window")
    window.get_by_label("row 1, column 1").focus()
    page.keyboard.press("Control+ArrowRight")
    page.keyboard.press("Control+ArrowDown")
    page.keyboard.press("Control+A")
    page.keyboard.type("x")
    assert window.get_by_label("row 2, column 2").get_attribute("aria-invalid") == "true"
    expect(window.get_by_role("status")).to_have_text("Please enter numbers.")
    assert outcomes(window) == [["\N{EN DASH}"] * 2] * 3
    window.get_by_role("button", name="start again").focus()
    page.keyboard.press("Enter")
    assert window.get_by_label("row 2, column 2").input_value() == "-4"
    assert window.get_by_role("status").inner_text() == (
        "ReLU and max-pooling: the same in both orders. ReLU and average-pooling: different, by 0.7222."
    )


@pytest.mark.parametrize("name", CHOICES)
def test_a_counterexample_is_found_wherever_there_is_one(page: Page, address: str, name: str) -> None:
    show(page, address + EXAMPLE)
    window, function, x = page.locator("pool-window#window"), CHOICES[name].function, np.linspace(-6, 6, 1201)
    window.get_by_label("activation").select_option(name)
    window.get_by_role("button", name="find a counterexample").focus()
    page.keyboard.press("Enter")
    falls, bends = np.diff(function(x)).min() < -1e-9, np.abs(np.diff(function(x), 2)).max() > 1e-9
    assert [cell != "= same" for cell in outcomes(window)[2]] == [falls, bends]
    told = window.get_by_role("status").inner_text()
    assert ["No window makes max-pooling differ" in told, "No window makes average-pooling differ" in told] == [
        not falls,
        not bends,
    ]


def test_dots_follow_keys_and_pointer_and_the_centroid_shows_the_gap(page: Page, address: str) -> None:
    show(page, address + EXAMPLE)
    window = page.locator("pool-window#window")
    told, first = window.get_by_role("status"), window.get_by_label("row 1, column 1")
    assert window.locator("text").all_text_contents() == ["max 3 \N{RIGHTWARDS ARROW} 3", "average: gap 0.7222"]
    gap, step = (float(page.locator("#window line.average").evaluate(f"line => {f}")) for f in (
        "line.getAttribute('y1') - line.getAttribute('y2')",
        "line.closest('svg').querySelectorAll('.axis')[1].getBBox().height",
    ))  # fmt: skip
    assert gap == pytest.approx(step * 0.7222 / 3.48, rel=1e-3)  # the graph ends at 3 + 0.12 * 4
    before, dot = told.inner_text(), window.get_by_role("slider", name="dot 1 of 9")
    dot.focus()
    page.keyboard.press("ArrowRight")
    assert first.input_value() == "-1.9"
    assert told.inner_text() == before  # not at every key
    page.keyboard.press("PageUp")
    page.keyboard.press("PageUp")
    assert (first.input_value(), window.locator("span").all_inner_texts()[1]) == ("0.1", "0.1")
    assert dot.get_attribute("aria-valuetext") == "0.1, activated 0.1"
    expect(told).to_contain_text("different, by 0.7333")
    box = window.get_by_role("slider", name="dot 3 of 9").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x + 6, y + 6)
    page.mouse.down()
    page.mouse.move(x - 200, y, steps=5)
    page.mouse.up()
    assert float(window.get_by_label("row 1, column 3").input_value()) < 0
    expect(window.get_by_role("slider", name="dot 3 of 9")).to_be_focused()
    assert window.locator("input.largest").input_value() == "2"
    window.get_by_role("button", name="all negative").click()
    assert window.locator("text").all_text_contents() == [
        "max \N{MINUS SIGN}0.5 \N{RIGHTWARDS ARROW} 0",
        "average: no gap",
    ]


def test_without_scripts_everything_can_be_read(bare: Page, address: str) -> None:
    bare.goto(address + EXAMPLE)
    first, second = (outcomes(window) for window in bare.locator("pool-window").all())
    assert first == [["3", "0"], ["3", "0.7222"], ["= same", "\N{NOT EQUAL TO} by 0.7222"]]
    values = np.array([-2, -1, -3, -0.5, -4, -1, -2, -0.5, -3])
    gelu = values * norm.cdf(values)
    assert second[1] == [f"\N{MINUS SIGN}{abs(value):.4g}" for value in (gelu.max(), gelu.mean())]
    assert second[2][0] == f"\N{NOT EQUAL TO} by {gelu.max() - gelu[3]:.4g}"
    assert bare.get_by_text("Those that are not negative.").is_visible()
