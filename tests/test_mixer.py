"""The mixer and what else the first page quotes: the stored numbers, in words that are true of each network."""

from __future__ import annotations

import pytest
from lxml import html
from playwright.sync_api import Page

import small_book
from reader import show
from relupool.claims.grounds import Grounds, gather
from relupool.experiments.cifar10 import ROOT
from relupool.experiments.store import COMMITTED, Store
from relupool.experiments.studies import FIRST_ABLATIONS, GRID
from relupool.site import first_page


@pytest.fixture(scope="module")
def grounds() -> Grounds:
    return gather(Store(COMMITTED))


def test_the_sixteen_networks_have_their_stored_accuracies(grounds):
    networks = first_page.sixteen(grounds)
    assert len({network.on for network in networks}) == 16
    assert {(n.accuracy.steps, n.accuracy.n) for n in networks} == {(3_000, 3)}
    untouched = next(network for network in networks if all(network.on))
    stored = grounds.of(FIRST_ABLATIONS, GRID).query("network == 'untouched' and step == 3000")
    assert set(untouched.accuracy.values) <= set(stored.query("weights == 'averaged'")["accuracy"])
    left = {network.on: network.left for network in networks}
    assert left[False, False, False, False] == "nothing"
    assert left[False, True, True, False] == "ReLU between the dense layers and max-pooling"


def test_each_layer_of_the_example_hangs_on_its_switch():
    page = html.fromstring(first_page.mixer(small_book.networks(), None))
    parts = [(li.text, li.get("data-part")) for li in page.xpath("//ol/li")]
    assert [part for name, part in parts if name == "ReLU"] == ["conv", "conv", "dense", "dense"]
    assert {part for name, part in parts if name.startswith("max")} == {"max"}
    assert {part for name, part in parts if "filters" in name or name.startswith("dense")} == {""}


def test_the_first_page_quotes_rows_of_the_grid_and_what_one_switch_costs(grounds):
    networks = first_page.sixteen(grounds)
    rows = first_page.pairs(networks)
    assert [row["left"] for row in rows] == ["max-pooling and dense ReLU", "max-pooling", "dense ReLU", "nothing"]
    found = {network.on: network.accuracy.mean for network in networks}
    assert rows[3]["without"].mean == found[False, False, False, False]
    assert rows[0]["with_"].mean == found[True, True, True, False]
    assert first_page.one_change(networks) == pytest.approx(
        found[True, True, True, True] - found[True, True, False, True]
    )


def test_the_first_page_asserts_what_the_committed_runs_say():
    page = first_page.text(ROOT).decode()
    values = first_page.values(ROOT)
    assert ("Activate first, then average" in page) == (values["first"]["ReLU and average"]["low"] > 0)
    assert "{{" not in page and "{%" not in page


def test_switches_lead_through_the_networks_by_keyboard_and_by_link(page: Page, address: str):
    show(page, address + "index.html")
    number, left = page.locator("network-mixer .number strong"), page.locator("network-mixer .left")
    assert number.inner_text().split() == ["60.1", "%"]
    assert "max-pooling and the normalization" in left.inner_text()
    switches = page.locator("network-mixer").get_by_role("switch")
    assert switches.count() == 4
    for place in range(4):
        switches.nth(place).focus()
        page.keyboard.press("Space")
        assert (left.inner_text() == "Found. Only the normalization is left: switch it off, too.") == (place == 2)
    assert number.inner_text().split() == ["30.1", "%"]
    assert "one matrix" in left.inner_text()
    assert page.url.endswith("#off=conv,dense,max,norm")
    assert page.locator("network-mixer .layers li.off").count() == 8
    show(page, address + "index.html#off=max")
    page.reload()
    assert "max-pooling" not in page.locator("network-mixer .left").inner_text()
    assert page.locator("network-mixer").get_by_role("switch", name="max-pooling").is_checked() is False
    page.locator("network-mixer circle").first.click()
    assert number.inner_text().split() == ["30.1", "%"]
