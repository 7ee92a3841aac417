"""Previews beside links: by pointer and by keyboard, gone with Escape, kept while either is there, none by touch."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

import small_book
from reader import show

EXAMPLE = f"{small_book.PAGE}.html"


def link(page: Page, target: str) -> Locator:
    return page.locator(f"article > section a.reference.internal[href*='{target}']").first


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("#fig-example", "A hinge. It is"),
        ("#thm-example", "Theorem 1.1 (They commute)"),
        ("references.html", "Some One. A Title. P, 2011."),
    ],
)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_keyboard_shows_what_a_link_leads_to(page: Page, address: str, target: str, words: str, mode: str):
    show(page, address + EXAMPLE, mode)
    preview, of = page.get_by_role("tooltip"), link(page, target)
    page.keyboard.press("Tab")  # so that focus can be seen
    of.focus()
    expect(preview).to_contain_text(words)
    assert of.get_attribute("aria-describedby") == preview.get_attribute("id")
    assert of.get_attribute("title") is None, "the browser shows no second preview"
    found = Axe().run(page, context="#preview", options={"preload": False}).response["violations"]
    assert [violation["id"] for violation in found] == []
    page.keyboard.press("Escape")
    expect(preview).to_have_count(0)
    assert of.evaluate("link => link === document.activeElement")
    assert of.get_attribute("aria-describedby") is None


def test_the_pointer_may_move_onto_a_preview_and_off_it(page: Page, address: str):
    show(page, address + EXAMPLE)
    preview = page.get_by_role("tooltip")
    link(page, "#thm-example").hover()
    expect(preview).to_be_visible()
    box = preview.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 20, steps=4)
    page.wait_for_timeout(500)
    expect(preview).to_be_visible()
    page.mouse.move(5, 5)
    expect(preview).to_have_count(0)


def test_a_finger_only_follows_the_link(page: Page, address: str):
    show(page, address + EXAMPLE)
    link(page, "#thm-example").dispatch_event("pointerover", {"pointerType": "touch"})
    page.wait_for_timeout(400)
    expect(page.get_by_role("tooltip")).to_have_count(0)


@pytest.mark.parametrize("start", ["http", "file"])
def test_a_theorem_of_another_page_is_typeset(page: Page, address: str, small_site: Path, start: str):
    show(page, address + "index.html" if start == "http" else (small_site / "index.html").as_uri())
    link(page, "#thm-example").hover()
    preview = page.get_by_role("tooltip")
    expect(preview.locator("mjx-container")).to_have_count(2)
    assert "They commute" in preview.inner_text()


def test_pages_keep_what_they_need_once(small_site: Path):
    for page in sorted(small_site.rglob("*.html")):
        html = page.read_text(encoding="utf-8")
        kept = html.partition('<template id="previews">')[2].partition("</template>")[0]
        assert len(kept.encode()) <= 40_000
        assert bool(kept) == (page == small_site / "index.html")
