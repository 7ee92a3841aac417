"""The board that trains in headless Chromium: what it computes, what it says, and how it is used."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

from reader import show
from relupool.site.elements import SEED, board_html
from relupool.theory import tiny_network as tiny

PAGE = "chapters/references.html"
LONGEST = 100
"""Milliseconds: what keeps the page busy for longer is noticed."""


@pytest.fixture
def board(page: Page, address: str) -> Locator:
    """The board on its page, before anything was done."""
    show(page, f"{address}{PAGE}")
    return page.locator("training-board")


def train(board: Locator, button: str = "Train all four") -> None:
    """Let the networks train to their end, however busy the machine is."""
    board.get_by_role("button", name=button).click()
    board.get_by_text("Done:").wait_for(timeout=60_000)


def reached(board: Locator) -> dict[str, float]:
    """Last accuracy of each network."""
    return board.evaluate(
        "b => Object.fromEntries(Object.entries(b.nets).map(([name, n]) => [name, n.accuracies.at(-1)]))"
    )


def test_without_scripts_the_page_tells_what_training_gives() -> None:
    html, runs = board_html(link="chapters/x.html#fig", name="b"), tiny.run(SEED)
    shown = [float(found) for found in re.findall(r"<strong>(\d+) %</strong>", html)]
    assert shown == [float(f"{100 * run.accuracies[-1]:.0f}") for run in runs.values()]
    assert html.count("<polyline") == len(tiny.BOARD)
    assert "<span>0 of its 500 weights differ" in html
    assert "<span>500 of its 500 weights differ" in html
    assert '<a href="chapters/x.html#fig">' in html


def test_it_computes_what_numpy_does(board: Locator) -> None:
    script = """(_, seed) => {
        const tiny = relupool.tiny, streams = tiny.streams(seed), found = {};
        for (const relu of ["before", "none", "after"]) for (const pool of ["max", "average"]) {
            const net = tiny.network(relu, pool, seed), losses = [0, 1, 2].map(step =>
                tiny.train(net, tiny.pictures(streams.training, step * tiny.BATCH, tiny.BATCH)));
            found[relu + "-" + pool] = [losses[0], ...net.weights];
        }
        const one = tiny.picture(streams.testing, 7);
        return {found, image: Array.from(one.image), kind: one.kind,
            first: Array.from(tiny.network("none", "max", seed).weights)};
    }"""
    told: dict[str, Any] = board.evaluate(script, SEED)
    images, kinds = tiny.pictures(tiny.stream(SEED, tiny.TESTING), 7, 1)
    np.testing.assert_array_equal(told["image"], images[0].ravel())
    assert told["kind"] == kinds[0]
    np.testing.assert_array_equal(told["first"], tiny.first_weights(SEED))
    batch = tiny.pictures(tiny.stream(SEED, tiny.TRAINING), 0, tiny.BATCH)
    for name, network in tiny.BOARD.items():
        weights = list(tiny.trained(network, SEED))
        loss, _ = tiny.loss_and_gradient(network, weights[0], *batch)
        np.testing.assert_allclose(told["found"][name], [loss, *weights[3]], rtol=0, atol=1e-6)


def test_three_learn_one_does_not_and_the_page_stays_responsive(board: Locator, page: Page) -> None:
    page.evaluate("""() => { window.tasks = []; new PerformanceObserver(seen => {
        window.tasks.push(...seen.getEntries().map(entry => entry.duration)); }).observe({type: "longtask"}); }""")
    for slider, guess in zip(board.get_by_role("slider").all(), (90, 80, 60, 20), strict=True):
        slider.fill(str(guess))
    started = time.perf_counter()
    train(board)
    seconds, longest = time.perf_counter() - started, max(page.evaluate("window.tasks"), default=0)
    page.evaluate(
        "() => new Promise(done => setTimeout(() => { const until = performance.now() + 150;"
        " while (performance.now() < until); setTimeout(done, 300); }))"
    )
    assert max(page.evaluate("window.tasks")) >= 150  # so they would have been noticed
    print(f"trained in {seconds:.1f} s, longest task {longest:.0f} ms")
    found = reached(board)
    expected = {name: run.accuracies[-1] for name, run in tiny.run(SEED).items() if name in found}
    assert found == pytest.approx(expected, abs=0.006)  # of 200 pictures one may lie on the edge
    assert found.pop("none-average") <= 0.4
    assert min(found.values()) >= 0.85
    assert seconds < 60
    assert longest < 3 * LONGEST  # other work on the machine counts too
    told = board.get_by_role("status").inner_text()
    assert "Three learn. The one with neither ReLU nor max-pool is left with guessing." in told
    assert re.search(r"Your marks were off by \d+ points on average", told)
    assert board.locator(".guess").all_inner_texts() == [
        f"your guess {guess}\N{NO-BREAK SPACE}%" for guess in (90, 80, 60, 20)
    ]
    assert all(slider.is_disabled() for slider in board.get_by_role("slider").all())


def test_the_order_changes_nothing_with_max_and_everything_with_the_average(board: Locator) -> None:
    board.get_by_label("Train the other order").check()
    train(board)
    assert board.locator(".order b").all_inner_texts() == ["0 of 500", "500 of 500"]
    told = board.get_by_role("status").inner_text()
    assert "with max-pool, 0 of 500 weights differ" in told
    assert "with average-pool, 500 of 500 weights differ" in told
    found = reached(board)
    assert found["after-max"] == found["before-max"]
    assert found["after-average"] < found["before-average"] - 0.1
    same = "b => b.nets['after-max'].weights.every((w, i) => w === b.nets['before-max'].weights[i])"
    assert board.evaluate(same)


def test_the_one_without_relu_and_max_is_one_matrix(board: Locator) -> None:
    train(board)
    board.get_by_role("button", name="no ReLU, average-pool").click()
    inside = board.get_by_role("region", name="is it one matrix?")
    assert "Yes. This network is this matrix" in inside.inner_text()
    assert inside.locator(".matrix canvas").count() == 4
    assert inside.locator(".misfit b").inner_text() == "0"
    assert board.evaluate("b => b.misfit") < 1e-9
    left, right = (bars.locator(".number").all_inner_texts() for bars in inside.locator(".bars").all())
    assert left == right
    maps, _ = tiny.affine_map(list(tiny.trained(tiny.BOARD["none-average"], SEED))[-1])
    told = board.evaluate("b => relupool.tiny.affineMap(b.nets['none-average']).maps.map(map => Array.from(map))")
    np.testing.assert_allclose(told, maps.reshape(4, -1), atol=1e-6)
    board.get_by_role("button", name="no ReLU, max-pool").click()
    assert "No. No matrix does what this network does" in inside.inner_text()
    assert float(inside.locator(".misfit b").inner_text()) > 0.1
    board.get_by_role("button", name="no ReLU, max-pool").click()
    assert not inside.is_visible()


def test_it_is_used_by_keyboard_and_can_be_stopped(board: Locator, page: Page) -> None:
    first = board.get_by_role("slider").first
    first.focus()
    for key in ("ArrowUp", "ArrowUp", "Home", "ArrowUp"):
        page.keyboard.press(key)
    assert first.input_value() == "1"
    button = board.locator("button.main")
    button.focus()
    page.keyboard.press("Enter")
    assert board.get_by_role("status").inner_text() == "Training."
    page.keyboard.press("Enter")
    step = board.evaluate("b => b.step")
    assert board.get_by_role("status").inner_text() == f"Stopped after {step} steps."
    page.wait_for_timeout(100)
    assert board.evaluate("b => b.step") == step < tiny.STEPS
    train(board, "Go on")
    board.get_by_role("button", name="Start over").click()
    assert button.inner_text() == "Train all four"
    assert first.is_enabled()
    assert first.input_value() == "1"
    train(board)
    board.get_by_role("button", name="Again, with new pictures").click()
    assert board.get_by_label("seed").input_value() == str(SEED + 1)


@pytest.mark.parametrize(("width", "rows"), [(940, 1), (690, 2), (340, 2)])
def test_where_there_is_room_all_four_are_seen_at_a_glance(board: Locator, width: int, rows: int) -> None:
    board.evaluate("(board, width) => { board.style.width = width + 'px' }", width)
    tops = board.locator(".net").evaluate_all("nets => nets.map(net => net.getBoundingClientRect().top)")
    assert len(set(tops)) == rows


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_nothing_is_in_the_way_of_assistive_technology(page: Page, address: str, mode: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    show(page, f"{address}{PAGE}", mode)
    board = page.locator("training-board")
    board.get_by_label("Train the other order").check()
    train(board)
    board.get_by_role("button", name="no ReLU, average-pool").click()
    board.locator("summary").click()
    found = Axe().run(page, context="training-board", options={"preload": False}).response["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]][:2]) for v in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    sizes = board.locator("button, input:not([type=checkbox]), label, summary").evaluate_all(
        "parts => parts.map(part => part.getBoundingClientRect()).filter(box => box.width)"
        ".map(box => [box.left, box.right, box.height])"
    )
    assert all(0 < left < right < 390 and right - left >= 24 and height >= 24 for left, right, height in sizes)


def test_without_scripts_and_in_print_the_answer_stands_there(board: Locator, bare: Page, address: str) -> None:
    answer, button = board.locator(".stored table"), board.locator("button.main")
    assert (answer.is_visible(), button.is_visible()) == (False, True)
    board.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    board.page.emulate_media(media="print")
    assert (answer.is_visible(), button.is_visible()) == (True, False)
    bare.goto(f"{address}{PAGE}")
    assert bare.locator(".stored table").is_visible()
    assert bare.locator(".onward a").get_attribute("href") == "../chapters/01_example.html#fig-example"


def test_it_works_from_a_file(page: Page, small_site: Path) -> None:
    show(page, (small_site / PAGE).as_uri())
    page.emulate_media(reduced_motion="reduce")
    train(page.locator("training-board"))
