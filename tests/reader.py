"""A reader's way through the built pages in headless Chromium, and what each page costs: used for any site."""

from __future__ import annotations

import gzip
import re
import subprocess
import threading
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote, urlsplit

from attrs import field, frozen
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, sync_playwright

from relupool.site.pdf import TYPESET

BUDGETS = tomllib.loads((Path(__file__).parent / "budgets.toml").read_text(encoding="utf-8"))

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split() + ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]


class Handler(SimpleHTTPRequestHandler):
    """Serves ``directory`` under ``prefix``; like a publishing host it answers 404.html for what is not there."""

    prefix = ""

    def translate_path(self, path: str) -> str:
        return super().translate_path(path.removeprefix(self.prefix))

    def send_error(self, code: int, *_: Any) -> None:
        body = Path(self.directory, "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def served(site: Path, prefix: str = "") -> Iterator[str]:
    """The address, with a slash at its end, at which ``site`` can be read inside."""
    handler = partial(type("Handler", (Handler,), {"prefix": prefix}), directory=str(site))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{prefix}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def browser(chromium: str, address: str) -> Iterator[BrowserContext]:
    """Chromium, which nothing can leave, and in which ``address`` may use the clipboard."""
    with sync_playwright() as playwright, TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        context = playwright.chromium.launch_persistent_context(folder, executable_path=chromium, args=FLAGS)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
        yield context
        context.close()


@contextmanager
def watched(context: BrowserContext, *own: str) -> Iterator[tuple[Page, list[str], list[str]]]:
    """A new page, what it complains of, and what it asks for; to ask anyone but ``own`` addresses is a complaint."""
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 900})
    complaints: list[str] = []
    asked: list[str] = []
    own = (*own, "data:", "blob:", "about:")

    def note(request: Any) -> None:
        asked.append(request.url)
        if not request.url.startswith(own):
            complaints.append(f"asks for {request.url}")

    page.on("request", note)
    page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("response", lambda answer: answer.status >= 400 and complaints.append(f"{answer.status} {answer.url}"))
    yield page, complaints, asked
    page.close()


def show(page: Page, url: str, mode: str = "light") -> None:
    """Go to ``url`` in "light" or "dark" colours, and wait until it stands still."""
    page.add_init_script(f"localStorage.setItem('mode', '{mode}'); localStorage.setItem('theme', '{mode}')")
    page.goto(url, wait_until="networkidle")
    page.evaluate(TYPESET)  # not wait_for_function, whose eval the policy of the pages forbids


@frozen
class Look:
    """What one look at a page found.

    ``requests``: beside its pictures; ``size``: gzipped bytes of all that it loads.
    """

    name: str
    faults: list[str] = field(factory=list)
    requests: int = 0
    size: int = 0


def look(context: BrowserContext, address: str, site: Path, name: str) -> Look:
    """Read the page ``name`` of ``site`` in light and in dark colours and on a narrow screen, and say what is wrong.

    What it may cost stands in :data:`BUDGETS`.
    """
    allowed = BUDGETS["page"]
    with watched(context, address) as (page, complaints, asked):
        page.emulate_media(reduced_motion="reduce")
        show(page, address + name)
        page.evaluate("document.querySelectorAll('details').forEach(box => box.open = true)")
        found = [f"{mode}: {fault}" for mode in ("light", "dark") for fault in violations(page, mode)]
        found = found if len(found) > allowed["violations"] else []
        page.set_viewport_size({"width": allowed["narrowest"], "height": 740})
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > allowed["narrowest"]:
            found.append(f"is {width} pixels wide on a screen of {allowed['narrowest']}")
        if (headings := page.locator("h1:visible").count()) != 1:
            found.append(f"has {headings} main headings")
    loads = {
        unquote(urlsplit(url.removeprefix(address)).path) or "index.html" for url in asked if url.startswith("http")
    }
    size = sum(weight(site / path) for path in loads)
    requests = sum(not path.endswith((".svg", ".png")) for path in loads)
    if requests > allowed["requests"]:
        found.append(f"makes {requests} requests")
    if size > allowed["gzip_bytes"]:
        found.append(f"loads {size:,} bytes")
    if len(complaints) > allowed["complaints"]:
        found += complaints
    return Look(name, [f"{name} {fault}" for fault in found], requests, size)


def violations(page: Page, mode: str) -> list[str]:
    """What stands in the way of assistive technology while the page shows "light" or "dark" colours.

    In the dark, only what depends on colours is looked at again.
    """
    page.evaluate(f"document.documentElement.dataset.theme = '{mode}'")
    options: dict[str, Any] = {"preload": False, "resultTypes": ["violations"]}
    if mode == "dark":
        options["runOnly"] = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{v['id']} ({v['impact']}) {[node['html'] for node in v['nodes']][:2]}" for v in found]


@cache
def weight(path: Path) -> int:
    """Bytes of a file as a host sends it: compressed, unless it is compressed already; 0 if there is none."""
    path = path / "index.html" if path.is_dir() else path
    data = path.read_bytes() if path.is_file() else b""
    return min(len(data), len(gzip.compress(data, mtime=0)))


def search(page: Page, address: str, words: dict[str, str]) -> list[str]:
    """Those of the pages that the site's search does not find by the word that ``words`` gives for each."""
    lost = []
    page.goto(f"{address}search.html", wait_until="load")
    for name, word in words.items():
        page.evaluate(
            "word => { document.getElementById('search-results').replaceChildren(); Search.performSearch(word) }", word
        )
        page.locator("#search-results .search-summary", has_text=re.compile("finished|not match")).wait_for()
        links = page.locator("#search-results li a").evaluate_all("links => links.map(link => link.href)")
        if not any(urlsplit(link).path.endswith(f"/{name}") for link in links):
            lost.append(f"{name} by {word!r}: {links}")
    return lost


def invalid(checker: Sequence[str], site: Path) -> list[str]:
    """What the Nu Html Checker finds wrong with the pages of ``site``, a line each; ``checker`` is its command."""
    pages = [path.relative_to(site).as_posix() for path in all_pages(site)]
    done = subprocess.run([*checker, "--errors-only", *pages], cwd=site, capture_output=True, text=True, check=False)
    found = [line for line in done.stderr.splitlines() if line.strip()]
    assert bool(found) == bool(done.returncode), done.stderr
    return found


def all_pages(site: Path) -> list[Path]:
    """Every page of ``site``."""
    return sorted(path for path in site.rglob("*.html") if "_static" not in path.relative_to(site).parts)
