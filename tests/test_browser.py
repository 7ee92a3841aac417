"""The built pages in headless Chromium: nothing leaves the machine, everything is readable, on any screen."""

from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page

import reader
import small_book
from reader import show

EXAMPLE = f"{small_book.PAGE}.html"
FIGURE = "figures/fig-example/index.html"


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


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("name", ["index.html", EXAMPLE])
def test_nothing_on_a_narrow_screen_is_in_the_way_of_assistive_technology(page: Page, address: str, name, mode) -> None:
    page.set_viewport_size({"width": 390, "height": 740})
    show(page, address + name, mode)
    assert reader.violations(page, mode) == []


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
    page.locator(".gallery-choice select").nth(1).focus()
    page.keyboard.press("A")  # the first claim that a figure shows
    shown = [entry.inner_text() for entry in entries.all() if entry.is_visible()]
    assert shown == ["A stored hinge\nFig. 1.2 of Max and ReLU"], "a title, and under it where it stands"
    assert told.inner_text() == "1 figure"
    page.locator("#gallery a:visible").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/figures/fig-grid/index.html")


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


@pytest.mark.parametrize("start", ["http", "file"])
def test_search_can_be_typed(page: Page, address: str, small_site: Path, start: str) -> None:
    show(page, address if start == "http" else f"{small_site.as_uri()}/index.html")
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


def test_a_page_that_is_not_there_is_answered_at_any_depth(context: BrowserContext, published: Path) -> None:
    with reader.served(published, "/a/book") as address, reader.watched(context, address) as (page, complaints, asked):
        show(page, f"{address}chapters/deep/gone.html")
        assert page.locator("h1:visible").inner_text() == "There is no such page"
        assert len(asked) > 10
        assert len(complaints) == 2  # that it is not there, by the host and by the console
        page.get_by_role("link", name="The first page").click()
        page.wait_for_url(f"{address}index.html")


def test_citation_of_a_figure_can_be_copied(page: Page, address: str) -> None:
    show(page, address + EXAMPLE)
    page.locator("#fig-example .fig-tools summary").click()
    page.locator("#fig-example .fig-tools .highlight").first.hover()
    page.locator("#fig-example .fig-tools button.copybtn").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("@misc{relupool-fig-example,\n  author       = {Ada Writer},")
    assert copied.rstrip().endswith("}")


def test_focus_can_be_seen_wherever_it_goes(page: Page, address: str) -> None:
    show(page, address + EXAMPLE)
    for _ in range(25):
        page.keyboard.press("Tab")
        style = page.evaluate(
            "(({outlineStyle: s, outlineWidth: w}) => [s, w])(getComputedStyle(document.activeElement))"
        )
        assert style == ["solid", "3px"], page.evaluate("document.activeElement.outerHTML")


def test_print_is_light_and_opens_what_is_folded(page: Page, address: str) -> None:
    show(page, address + EXAMPLE, "dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    assert page.locator("article details:not(.fig-tools):not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.locator("article details[open]").count() == 0


def test_a_page_prints_without_navigation(page: Page, address: str) -> None:
    show(page, address + EXAMPLE)
    page.emulate_media(media="print")
    for part in (".bd-sidebar-primary", ".prev-next-area", ".fig-tools", ".bd-header-article"):
        assert not page.locator(part).first.is_visible()
    assert page.locator("h1:visible").all_inner_texts()[0].startswith("1."), "the title, with its number, once"
    assert page.locator("h1:visible").count() == 1
    assert page.locator("#fig-example img").is_visible()
    assert page.locator("#fig-example").evaluate("figure => getComputedStyle(figure).breakInside") == "avoid"
    link = "<a class='reference external' href='https://example.org/a'>there</a>"
    page.locator("article").evaluate("(article, link) => article.insertAdjacentHTML('beforeend', link)", link)
    after = page.locator("article a.external").last.evaluate("link => getComputedStyle(link, '::after').content")
    assert after == '" (https://example.org/a)"'
