"""The built pages in headless Chromium: nothing leaves the machine, everything is readable, on any screen."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page
from scipy.stats import norm

import reader
import small_book
from reader import show
from relupool.book.corrections import finish
from relupool.book.feature_maps import ACTIVATIONS
from relupool.book.pool_window import CHOICES
from relupool.theory.reference import average_pool, max_pool

pytestmark = [pytest.mark.book, pytest.mark.browser]

EXAMPLE = f"{small_book.PAGE}.html"
FIGURE = "figures/fig-example/index.html"


@pytest.fixture(scope="module")
def address(small_site: Path) -> Iterator[str]:
    """Where the pages are served."""
    with reader.served(small_site) as address:
        yield address


@pytest.fixture(scope="module")
def context(chromium: str, address: str) -> Iterator[BrowserContext]:
    with reader.browser(chromium, address) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext, address: str) -> Iterator[Page]:
    """A page that fails its test if it complains, or asks anyone but the book for anything."""
    with reader.watched(context, address, "file:") as (page, complaints, _):
        yield page
        page.evaluate("localStorage.clear()")
    assert complaints == []


def brightness(page: Page, selector: str) -> np.ndarray:
    """Mean of the colours of each pixel (height, width) of what ``selector`` finds, from 0 to 255."""
    return np.asarray(Image.open(BytesIO(page.locator(selector).first.screenshot())).convert("L"), dtype=float)


def test_every_page_keeps_its_budget(context: BrowserContext, address: str, small_site: Path) -> None:
    pages = [path.relative_to(small_site).as_posix() for path in reader.all_pages(small_site)]
    assert {"index.html", EXAMPLE, FIGURE, "404.html", "search.html"} < set(pages)
    looks = [reader.look(context, address, small_site, name) for name in pages]
    print(*looks, sep="\n")
    assert [fault for look in looks for fault in look.faults] == []


def test_a_look_finds_what_is_wrong(context: BrowserContext, small_site: Path, tmp_path: Path) -> None:
    site = Path(shutil.copytree(small_site, tmp_path / "html"))
    wrong = (
        "<p style='color: #ccc; background: #fff; width: 500px'>pale</p><h1>Again</h1><script src='gone.js'></script>"
    )
    page = (site / "runs.html").read_text(encoding="utf-8").replace("</article>", f"{wrong}</article>")
    (site / "runs.html").write_text(page, encoding="utf-8")
    with reader.served(site) as address:
        faults = reader.look(context, address, site, "runs.html").faults
    for fault in (
        "light: color-contrast (serious)",
        "pixels wide on a screen of 360",
        "has 2 main headings",
        "404 http",
    ):
        assert any(fault in found for found in faults), faults


def test_wide_content_scrolls_in_its_own_box(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    show(page, address + EXAMPLE)
    for box in ("article .pst-scrollable-table-container:not(details *)", ".output.stream pre"):
        assert page.locator(box).first.evaluate("box => box.scrollWidth > box.clientWidth")


@pytest.mark.parametrize("start", ["http", "file"])
def test_every_formula_is_typeset_and_can_be_read_aloud(page: Page, address: str, small_site: Path, start: str) -> None:
    show(page, address + EXAMPLE if start == "http" else (small_site / EXAMPLE).as_uri())
    formulas = page.locator("article .math").count()
    assert formulas >= 3
    assert page.locator("article .math mjx-container").count() == formulas
    assert page.locator("article .math mjx-assistive-mml").count() == formulas
    assert "\\(" not in page.locator("article").inner_text()


def test_figures_follow_the_colours_of_the_page(page: Page, address: str) -> None:
    page.emulate_media(color_scheme="dark")  # what the system prefers must not matter
    show(page, address + EXAMPLE, "light")
    light = brightness(page, "img.fig-auto")
    show(page, address + EXAMPLE, "dark")
    dark = brightness(page, "img.fig-auto")
    assert np.median(light) > 240
    assert light.min() < 60
    assert np.median(dark) < 40
    assert dark.max() > 180


def test_gallery_shows_the_figures_of_a_chapter_by_keyboard(page: Page, address: str) -> None:
    show(page, address + "figures/index.html")
    entries, told = page.locator("#gallery > li"), page.locator(".gallery-choice output")
    assert entries.count() == 2
    assert told.inner_text() == "2 figures"
    page.locator(".gallery-choice select").first.focus()
    page.keyboard.press("M")  # Max and ReLU
    shown = [entry.inner_text() for entry in entries.all() if entry.is_visible()]
    assert shown == ["A hinge\nMax and ReLU"], "a title, and under it its chapter"
    assert told.inner_text() == "1 figure"
    page.locator("#gallery a:visible").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/figures/fig-example/index.html")


@pytest.mark.parametrize("start", ["http", "file"])
def test_an_output_cannot_bring_a_script_along(
    context: BrowserContext, address: str, small_site: Path, start: str
) -> None:
    attack = "<script>document.title = 'taken'</script><img src='data:,' onerror=\"document.title = 'taken'\">"
    injected = small_site / "chapters" / "injected.html"
    html = (small_site / EXAMPLE).read_text(encoding="utf-8").replace("</article>", f"{attack}</article>")
    injected.write_text(html, encoding="utf-8")
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: "Content Security Policy" in message.text and refused.append(message.text))
    page.goto(address + "chapters/injected.html" if start == "http" else injected.as_uri(), wait_until="networkidle")
    title, window = page.title(), page.locator("pool-window input").count()
    page.close()
    injected.unlink()
    assert title != "taken"
    assert len(refused) == 2
    assert window > 0  # the site's own scripts run


def test_the_buttons_of_the_theme_still_work(page: Page, address: str) -> None:
    page.add_init_script("window.print = () => { document.title = 'printed' }")
    show(page, address + EXAMPLE)
    page.locator("[data-does=print]").evaluate("button => button.click()")
    assert page.title() == "printed"


def test_switch_changes_the_colours_by_keyboard(page: Page, address: str) -> None:
    page.goto(address)
    seen = set()
    for _ in range(3):
        page.locator(".theme-switch-button").focus()
        page.keyboard.press("Enter")
        seen.add(
            (
                page.evaluate("document.documentElement.dataset.mode"),
                page.evaluate("document.documentElement.dataset.theme"),
            )
        )
    assert {("light", "light"), ("dark", "dark")} < seen


def test_search_can_be_typed(page: Page, address: str) -> None:
    show(page, address)
    page.keyboard.press("Control+K")
    page.keyboard.type("slopes")
    page.keyboard.press("Enter")
    page.locator("#search-results li a").first.wait_for()
    assert EXAMPLE in page.locator("#search-results li a").first.get_attribute("href")


@pytest.mark.parametrize("start", ["http", "file"])
def test_search_finds_words_of_each_page(page: Page, address: str, small_site: Path, start: str) -> None:
    words = {EXAMPLE: "slopes", FIGURE: "hinge", "runs.html": "papermill", "chapters/references.html": "references"}
    site = address if start == "http" else f"{small_site.as_uri()}/"
    assert reader.search(page, site, words) == []
    assert reader.search(page, site, {"404.html": "slip"}) == ["404.html by 'slip': []"]


def test_a_page_that_is_not_there_is_answered_at_any_depth(
    context: BrowserContext, small_site: Path, tmp_path: Path
) -> None:
    site = Path(shutil.copytree(small_site, tmp_path / "html"))
    config = SimpleNamespace(html_baseurl="https://example.org/a/book/", project="A Book")
    finish(SimpleNamespace(outdir=site, builder=SimpleNamespace(name="html"), config=config), None)
    with reader.served(site, "/a/book") as address, reader.watched(context, address) as (page, complaints, asked):
        show(page, f"{address}chapters/deep/gone.html")
        assert page.locator("h1:visible").inner_text() == "There is no such page"
        assert len(asked) > 10
        assert len(complaints) == 2  # that it is not there, by the host and by the console
        page.get_by_role("link", name="The first page").click()
        page.wait_for_url(f"{address}index.html")


def test_citation_of_a_figure_can_be_copied(page: Page, address: str) -> None:
    show(page, address + EXAMPLE)
    page.locator("#fig-example .fig-cite summary").click()
    page.locator("#fig-example .fig-cite .highlight").first.hover()
    page.locator("#fig-example .fig-cite button.copybtn").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("@incollection{relupool-fig-example,\n  author    = {Ada Writer},")
    assert copied.rstrip().endswith("}")


def test_focus_can_be_seen_wherever_it_goes(page: Page, address: str) -> None:
    show(page, address + EXAMPLE)
    for _ in range(25):
        page.keyboard.press("Tab")
        style = page.evaluate(
            "(({outlineStyle: s, outlineWidth: w}) => [s, w])(getComputedStyle(document.activeElement))"
        )
        assert style == ["solid", "3px"], page.evaluate("document.activeElement.outerHTML")


def outcomes(window: Locator) -> list[list[str]]:
    """Rows of the window's table: pool first, activation first, whether it matters; columns max and average."""
    rows = window.locator("tbody tr").all()
    return [row.locator("td").all_inner_texts() for row in rows]


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


def maps_in(page: Page) -> Locator:
    """The element with the feature maps, once it has them."""
    maps = page.locator("feature-maps")
    maps.scroll_into_view_if_needed()
    maps.locator("canvas").first.wait_for()
    return maps


def test_maps_are_what_numpy_makes_of_the_same_numbers(page: Page, address: str) -> None:
    show(page, address + "index.html")
    element, maps = maps_in(page), small_book.maps()
    labels = [CHOICES[name].label for name in ACTIVATIONS]
    assert element.get_by_role("combobox", name="activation").locator("option").all_inner_texts() == labels
    pools = {"max": max_pool, "average": average_pool}
    for number, (place, name, pool) in enumerate(product(range(2), ACTIVATIONS, pools)):
        image, channel, layer = number % 10, number % 4, maps.layers[place]
        element.get_by_role("combobox", name="layer").select_option(str(place))
        element.get_by_role("combobox", name="activation").select_option(name)
        element.get_by_role("combobox", name="pooling").select_option(pool)
        element.get_by_label(f"thing {image}", exact=True).check()
        element.get_by_label(f"channel {layer.channels[channel]}", exact=True).check()
        found = {key: np.array(values) for key, values in element.evaluate("element => element.outcome").items()}
        z, function = layer.map(image, channel), CHOICES[name].function
        pooled = partial(pools[pool], pool_size=3, strides=2, padding="same")
        np.testing.assert_array_equal(found["before"], z.ravel())
        last = pooled(function(z)[None, :, :, None]).ravel()
        first = function(pooled(z[None, :, :, None])).ravel()
        np.testing.assert_allclose(found["activationFirst"], last, atol=1e-6)
        np.testing.assert_allclose(found["poolFirst"], first, atol=1e-6)
        differs = ~np.isclose(last, first, rtol=1e-9, atol=1e-9)
        assert found["differs"].tolist() == differs.tolist()
        told = element.get_by_role("status").inner_text()
        verb = "differs" if differs.sum() == 1 else "differ"
        many = f"{differs.sum()} of {differs.size} windows {verb}, by up to "
        assert told.startswith(f"{CHOICES[name].label} and {pool}-pooling: ")
        assert (many if differs.any() else f"the same in both orders, in all {differs.size} windows.") in told


def test_maps_begin_with_orders_that_agree_and_one_key_shows_a_pair_that_differs(page: Page, address: str) -> None:
    show(page, address + "index.html")
    element = maps_in(page)
    told, button = element.get_by_role("status"), element.get_by_role("button")
    assert told.inner_text() == "ReLU and max-pooling: the same in both orders, in all 144 windows."
    assert element.get_by_label("thing 3").is_checked()
    button.focus()
    page.keyboard.press("Enter")
    assert re.match(r"ReLU and average-pooling: \d+ of 144 windows differ", told.inner_text())
    page.keyboard.press("Enter")
    assert told.inner_text().startswith("ReLU and max-pooling: the same")
    element.get_by_label("channel 0", exact=True).check()
    element.get_by_label("channel 0", exact=True).focus()
    page.keyboard.press("ArrowRight")  # to a channel that is nowhere positive, where ReLU leaves nothing
    assert element.get_by_label("channel 4", exact=True).is_checked()
    button.click()
    assert re.match(r"tanh and average-pooling: \d+ of 144 windows differ", told.inner_text())


def test_windows_that_differ_have_a_dot_in_the_colours_of_the_page(page: Page, address: str) -> None:
    show(page, address + "index.html")
    element = maps_in(page)
    element.get_by_role("button").click()
    differs = element.evaluate("element => element.outcome.differs")
    middles = """() => [...document.querySelectorAll('feature-maps .maps canvas')].map(canvas =>
        Array.from({length: 144}, (_, i) => canvas.getContext('2d').getImageData(
            40 * (i % 12) + 20, 40 * Math.floor(i / 12) + 20, 1, 1).data[2]))"""
    for mode, blue in (("light", 41), ("dark", 224)):  # of --pst-color-text-base
        page.evaluate("mode => { document.documentElement.dataset.theme = mode }", mode)
        _, _, last, _, first = page.evaluate(middles)
        assert [value == blue for value in last] == differs
        assert [value == blue for value in first] == differs
    assert 0 < sum(differs) < 144


@pytest.mark.parametrize("start", ["http", "file"])
def test_maps_are_loaded_when_they_come_into_view(page: Page, address: str, small_site: Path, start: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 120})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    show(page, address + "index.html" if start == "http" else (small_site / "index.html").as_uri())
    assert not any("feature-maps.js?v=" in url and "figures" in url for url in asked)
    assert page.locator("feature-maps > img").get_attribute("alt") == small_book.figure().alt
    maps_in(page)
    assert sum("figures/feature-maps.js?v=" in url for url in asked) == 1


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_nothing_in_the_maps_is_in_the_way_of_assistive_technology(page: Page, address: str, mode: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    show(page, address + "index.html", mode)
    maps = maps_in(page)
    found = Axe().run(page, context="feature-maps", options={"preload": False}).response["violations"]
    assert [(v["id"], v["impact"], [n["html"] for n in v["nodes"]][:2]) for v in found] == []
    sizes = "parts => parts.map(part => part.getBoundingClientRect()).map(box => [box.left, box.right, box.height])"
    ((left, right, _),) = page.locator("feature-maps").evaluate_all(sizes)
    parts = maps.locator("label, select, button, canvas, p").evaluate_all(sizes)
    assert all(left < start < end < right for start, end, _ in parts)
    targets = maps.locator("label:has([type=radio]), select, button").evaluate_all(sizes)
    assert all(end - start >= 24 and height >= 24 for start, end, height in targets)
    assert len(parts) > len(targets) == 10 + 4 + 3 + 1


def test_maps_that_cannot_be_loaded_leave_their_picture(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    try:
        page.route("**/figures/feature-maps.js*", lambda route: route.abort())
        page.goto(address + "index.html")
        maps = page.locator("feature-maps")
        maps.scroll_into_view_if_needed()
        maps.get_by_text("The maps could not be loaded").wait_for()
        assert maps.locator("img").is_visible()
        assert maps.get_by_text("Computed in Max and ReLU.").is_visible()
    finally:
        page.close()


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
    assert window.get_by_role("status").inner_text() == "Please enter numbers."
    assert outcomes(window) == [["\N{EN DASH}"] * 2] * 3
    window.get_by_role("button", name="start again").focus()
    page.keyboard.press("Enter")
    assert window.get_by_label("row 2, column 2").input_value() == "-4"
    assert window.get_by_role("status").inner_text() == (
        "ReLU and max-pooling: the same in both orders. ReLU and average-pooling: different, by 0.7222."
    )


def test_without_scripts_everything_can_be_read(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    try:
        page.route("**/*.js*", lambda route: route.abort())
        page.goto(address + EXAMPLE)
        first, second = (outcomes(window) for window in page.locator("pool-window").all())
        assert first == [["3", "0"], ["3", "0.7222"], ["= same", "\N{NOT EQUAL TO} by 0.7222"]]
        values = np.array([-2, -1, -3, -0.5, -4, -1, -2, -0.5, -3])
        gelu = values * norm.cdf(values)
        assert second[1] == [f"\N{MINUS SIGN}{abs(value):.4g}" for value in (gelu.max(), gelu.mean())]
        assert second[2][0] == f"\N{NOT EQUAL TO} by {gelu.max() - gelu[3]:.4g}"
        assert page.get_by_text("Those that are not negative.").is_visible()
    finally:
        page.close()


def test_print_is_light_and_opens_what_is_folded(page: Page, address: str) -> None:
    show(page, address + EXAMPLE, "dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    assert page.locator("article details:not(.fig-cite):not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.locator("article details[open]").count() == 0


def test_a_page_prints_without_navigation(page: Page, address: str) -> None:
    show(page, address + EXAMPLE)
    page.emulate_media(media="print")
    for part in (".bd-sidebar-primary", ".prev-next-area", ".fig-links", ".bd-header-article"):
        assert not page.locator(part).first.is_visible()
    assert page.locator("#fig-example img").is_visible()
    assert page.locator("#fig-example").evaluate("figure => getComputedStyle(figure).breakInside") == "avoid"
    link = "<a class='reference external' href='https://example.org/a'>there</a>"
    page.locator("article").evaluate("(article, link) => article.insertAdjacentHTML('beforeend', link)", link)
    after = page.locator("article a.external").last.evaluate("link => getComputedStyle(link, '::after').content")
    assert after == '" (https://example.org/a)"'
