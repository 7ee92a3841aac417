from relupool.book.headline import picture
from relupool.experiments.cifar10 import ROOT
from relupool.figures.figure import render


def test_the_readme_shows_the_committed_results():
    """If this fails, run `python -m relupool.book.headline`."""
    assert render(picture(ROOT), "svg")["svg"] == (ROOT / "data" / "headline.svg").read_bytes()
