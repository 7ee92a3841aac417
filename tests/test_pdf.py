"""The book as one PDF: complete, with bookmarks and links that lead inside it, and nothing of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader

import small_book
from relupool.site import pdf


@pytest.fixture(scope="module")
def printed(small_book_root: Path, chromium: str) -> PdfReader:
    return PdfReader(pdf.print_book(small_book_root))


def place(printed: PdfReader, title: str) -> int:
    """The number of the page to which a bookmark leads."""
    return next(printed.get_destination_page_number(mark) for mark in printed.outline if mark.title == title)


def test_it_has_a_title_and_a_bookmark_for_every_page(printed: PdfReader) -> None:
    assert printed.pages[0].extract_text().split("\n") == ["A Book", "Ada Writer", "Version 1.2.0, 2026"]
    titles = [mark.title for mark in printed.outline if not isinstance(mark, list)]
    assert titles == ["A Book", "1. Max and ReLU", "Figures", "How this build was made", "References"]
    assert printed.metadata.title == "A Book"


def test_pages_are_numbered_as_the_contents_say(printed: PdfReader) -> None:
    heading, *contents = printed.pages[1].extract_text().split("\n")
    assert heading == "Contents"
    numbers = {title: int(number) for title, number in (line.rsplit(" ", 1) for line in contents)}
    assert list(numbers) == ["A Book", "1. Max and ReLU", "Figures", "How this build was made", "References"]
    assert numbers["A Book"] == 1 < numbers["1. Max and ReLU"] < numbers["References"]
    for title, number in numbers.items():
        assert str(number) in printed.pages[place(printed, title)].extract_text().split("\n")
        assert place(printed, title) == number + 1  # after the title and the contents
    links = [link.get_object()["/Dest"][0].get_object() for link in printed.pages[1]["/Annots"]]
    assert links == [printed.pages[place(printed, title)] for title in numbers]


def test_a_chapter_is_printed_whole_and_without_what_only_a_screen_needs(printed: PdfReader) -> None:
    pages = printed.pages[place(printed, "1. Max and ReLU") : place(printed, "Figures")]
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    for part in ("Those that are not negative.", "A hinge.", "Theorem 1.1", "How this page was made", "side of the"):
        assert part in text
    for navigation in ("Skip to main content", "Search", "Previous", "Contents", "SVG", "start again"):
        assert navigation not in text
    for number in ("0.123456789", "telephone"):  # of the wide table, which a screen would let scroll
        assert number in text.replace(" ", "")


def test_links_lead_to_pages_of_the_book_and_name_no_file_of_this_machine(printed: PdfReader) -> None:
    links = [link.get_object() for page in printed.pages for link in page.get("/Annots", ())]
    assert not [link["/A"]["/URI"] for link in links if link.get("/A", {}).get("/URI", "").startswith("file:")]
    first = printed.pages[place(printed, "A Book")].get("/Annots")
    inside = [link.get_object()["/Dest"][0].get_object() for link in first if "/Dest" in link.get_object()]
    assert printed.pages[place(printed, "1. Max and ReLU")] in inside


def test_without_a_site_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match='run "make book" first'):
        pdf.print_book(small_book.write(tmp_path / "book"))


def test_without_chromium_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FileNotFoundError, match=r"there is no Chromium .*apt-get install chromium"):
        pdf.chromium()
