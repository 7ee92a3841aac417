"""The directive ``{guess}``: a question to answer before the text does, and the answer in a fold.

.. code-block:: text

    ```{guess} Which window has the most panes?
    :choices: that with ReLU | that with max | that with both
    :right: {{ "that with both" if counts.both > counts.relu else "that with ReLU" }}

    Why it is so.
    ```

``right`` is one of the ``choices``. In place of choices there may be ``range``, "0 to 100 %": two numbers and a unit,
and ``right`` is a number between them. Where scripts run, ``guess.js`` lets readers choose before it opens the fold.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from relupool.site.elements import element

RANGE = re.compile(r"(?P<low>-?[\d.]+) to (?P<high>-?[\d.]+) ?(?P<unit>.*)")


class Guess(SphinxDirective):
    """A question, what can be chosen, and the fold with the answer and its reason."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {
        name: directives.unchanged_required for name in ("choices", "range", "right")
    }

    def run(self) -> list[nodes.Node]:
        """HTML around the nodes of question, choices and reason; an error of the document if ``right`` is no choice."""
        right = self.options.get("right", "")
        choices = [choice.strip() for choice in self.options.get("choices", "").split("|")]
        span = RANGE.fullmatch(self.options.get("range", ""))
        if span:
            if not re.fullmatch(r"-?[\d.]+", right) or not float(span["low"]) <= float(right) <= float(span["high"]):
                raise self.error(f"guess: right is {right!r}, but must be a number from {span[0]}")
            given = "".join(f" data-{name}='{escape(value)}'" for name, value in span.groupdict().items())
            answer = f"{right}\N{NO-BREAK SPACE}{span['unit']}".strip()
        else:
            if not 2 <= len(choices) <= 4 or right not in choices:
                raise self.error(f"guess: right is {right!r}, but must be one of 2 to 4 choices, here {choices}")
            given, answer = "", right
            right = str(choices.index(right))
        name = f"guess-{self.env.new_serialno('guess')}"
        start = f"<guess-first id='{name}' data-right='{right}'{given} role='group' aria-labelledby='{name}-question'>"
        return [
            self._html(f"{start}<p class='question' id='{name}-question'>"),
            *self._words(self.arguments[0]),
            self._html("</p>"),
            *([] if span else self._list(choices)),
            self._html("<details><summary>The answer</summary><p class='answer'>"),
            *self._words(f"{answer}."),
            self._html("</p>"),
            *self.parse_content_to_nodes(),
            self._html("</details></guess-first>"),
        ]

    def _html(self, html: str) -> element:
        return element(name="guess", html=html)

    def _words(self, text: str) -> list[nodes.Node]:
        found, problems = self.parse_inline(text, lineno=self.lineno)
        return [*found, *problems]

    def _list(self, choices: list[str]) -> list[nodes.Node]:
        items = [nodes.list_item("", nodes.paragraph("", "", *self._words(choice))) for choice in choices]
        return [nodes.bullet_list("", *items, classes=["choices"])]
