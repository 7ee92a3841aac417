"""What all tests share: the order they run in, what the machine must offer, and the closing line that counts them.

``RELUPOOL_REQUIRE="cifar10 browser"`` names what is known to be there: a test that is skipped although it is marked so
then counts as failed. ``.ci/run`` sets it for what it has prepared.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from relupool.site.pdf import NAMES

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

ROOT = Path(__file__).resolve().parent.parent
LAST = ("book", "browser")
REQUIRED = frozenset(os.environ.get("RELUPOOL_REQUIRE", "").split())
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)

# the Nu Html Checker: on the path, or as `npm install --prefix` puts it into this environment
JAR = Path(sys.prefix, "node_modules/vnu-jar/build/dist/vnu.jar")
CHECKER = ("vnu",) if shutil.which("vnu") else ("java", "-Xss4m", "-jar", str(JAR))
HAS_CHECKER = shutil.which(CHECKER[0]) is not None and (CHECKER == ("vnu",) or JAR.is_file())


@pytest.fixture(scope="session")
def cifar10_folder() -> Path:
    """The folder that holds cifar-10-batches-bin; for tests that are marked ``cifar10``."""
    return Path(os.environ["RELUPOOL_DATA"])


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium, for tests that are marked ``browser``."""
    assert CHROMIUM is not None
    return CHROMIUM


@pytest.fixture(scope="session")
def html_checker() -> tuple[str, ...]:
    """The command of the Nu Html Checker, for tests that are marked ``validator``."""
    return CHECKER


@pytest.fixture(scope="session")
def small_book_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a book with one chapter, built."""
    import small_book

    root = small_book.write(tmp_path_factory.mktemp("site") / "a book with spaces and é")
    small_book.add_results(root)
    return small_book.built(root)


@pytest.fixture(scope="session")
def small_site(small_book_root: Path) -> Path:
    """The pages of that book."""
    return small_book_root / "_build" / "html"


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of the same book with a repository, as they are published below :data:`small_book.ADDRESS`."""
    import small_book

    root = small_book.publish(small_book.write(tmp_path_factory.mktemp("published") / "book"))
    return small_book.built(root) / "_build" / "html"


@pytest.fixture(scope="module")
def address(small_site: Path) -> Iterator[str]:
    """Where its pages are served."""
    import reader

    with reader.served(small_site) as address:
        yield address


@pytest.fixture(scope="module")
def context(chromium: str, address: str) -> Iterator[BrowserContext]:
    import reader

    with reader.browser(chromium, address) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext, address: str) -> Iterator[Page]:
    """A page that fails its test if it complains, or asks anyone but the book for anything."""
    import reader

    with reader.watched(context, address, "file:") as (page, complaints, _):
        yield page
        page.evaluate("localStorage.clear()")
    assert complaints == []


@pytest.fixture
def bare(context: BrowserContext) -> Iterator[Page]:
    """A page without scripts, which may complain."""
    page = context.new_page()
    page.route("**/*.js*", lambda route: route.abort())
    yield page
    page.close()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the workers of pytest-xdist report to one that counts
        config.pluginmanager.register(Tally(config), "tally")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The fast modules first, then the whole book, beside which those with slow tests run: no worker waits long."""
    for item in items:
        if not {"chromium", "small_book_root", "published"}.isdisjoint(item.fixturenames):
            item.add_marker("book")
        if "chromium" in item.fixturenames:
            item.add_marker("browser")
    slow = {item.path for item in items if any(item.get_closest_marker(name) for name in LAST)}
    items.sort(key=lambda item: (item.path in slow, item.path.name != "test_whole_book.py"))  # stable


class ByModule(LoadScopeScheduling):
    """Shares tests out among workers: a module, which may build something for its tests, goes to one of them.

    What executes a chapter or kills training builds little that others need, so those are shared out test by test.
    """

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return nodeid if module.endswith(("test_altered_chapters.py", "kills.py")) else module


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByModule:
    return ByModule(config, log)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("cifar10") and not os.environ.get("RELUPOOL_DATA"):
        pytest.skip("needs the real CIFAR-10: set RELUPOOL_DATA to the folder that holds cifar-10-batches-bin")
    if item.get_closest_marker("jax") and "jax" not in REQUIRED:
        pytest.skip("takes minutes for each chapter, two of which test_gpu_day executes: RELUPOOL_REQUIRE=jax")
    if item.get_closest_marker("browser") and CHROMIUM is None:
        pytest.skip("needs Chromium: install it (Debian: apt-get install chromium)")
    if item.get_closest_marker("validator") and not HAS_CHECKER:
        pytest.skip("needs the Nu Html Checker: npm install --prefix .venv vnu-jar, and Java")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    report = yield
    missing = REQUIRED.intersection(mark.name for mark in item.iter_markers())
    if report.skipped and missing and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = (
            f"skipped, though RELUPOOL_REQUIRE says that {' and '.join(missing)} is here: {report.longrepr}"
        )
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector):
    report = yield
    if report.skipped and REQUIRED:  # a whole module, whatever it is marked with
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} is skipped as a whole: {report.longrepr}"
    return report


class Tally:
    """Counts each test once: prints how the fast tests ended before the slow ones begin, and the whole as last line."""

    def __init__(self, config: pytest.Config) -> None:
        self.config, self.outcomes, self.started = config, {}, time.perf_counter()
        self.seen_fast = self.told = False

    def __str__(self) -> str:
        count = Counter(self.outcomes.values())
        return f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not any(name in report.keywords for name in LAST):
            self.seen_fast = True
        elif self.seen_fast and not self.told:
            self.told = True
            self._say(f"\nfast tests: {self}, in {time.perf_counter() - self.started:.0f} s; now the book\n")
        before = self.outcomes.get(report.nodeid, "passed")
        self.outcomes[report.nodeid] = report.outcome if before == "passed" else before

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if not report.passed:
            self.outcomes[report.nodeid] = report.outcome

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        if self.outcomes:
            self._say(str(self))

    def _say(self, line: str) -> None:
        self.config.get_terminal_writer().line(line)
