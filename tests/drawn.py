"""What a drawn figure must be like, for the tests of several modules of figures."""

from __future__ import annotations

from relupool.figures import style
from relupool.figures.figure import Figure


def check_texts(figure: Figure) -> None:
    """Fail if a text in the axes of ``figure`` is small or leaves the picture."""
    figure.plot.draw_without_rendering()
    width, height = figure.plot.bbox.width, figure.plot.bbox.height
    for axes in figure.plot.axes:
        for text in axes.texts:
            box = text.get_window_extent()
            assert text.get_fontsize() >= style.SMALLEST
            assert box.x0 >= -1 and box.x1 <= width + 1 and box.y0 >= -1 and box.y1 <= height + 1, text.get_text()
