"""Where, with what and beside what else times were taken: no time counts without it."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from relupool.instruments.timing import Load

MADE = (
    "measured",
    "committed",
    "commit",
    "processor",
    "system",
    "python",
    "numpy",
    "keras",
    "backend_version",
    "onednn",
)
"""What a record of times has of its making, None what nobody took down; ``committed`` is when the record itself was."""


@frozen(kw_only=True)
class Conditions:
    """Where and how the times were taken; they stand beside every number.

    ``made`` holds :data:`MADE` of times that were recorded; it is None of those that the page takes itself.
    """

    device: str
    backend: str
    load: Load
    made: dict[str, Any] | None = None

    @property
    def words(self) -> str:
        """All of it as a sentence."""
        return "; ".join([f"{self.backend} on {self.device}", self.load.words, *self._making()]) + "."

    def _making(self) -> list[str]:
        if (made := self.made) is None:
            return []
        versions = f"Keras {made['keras']}, {self.backend} {made['backend_version']}, NumPy {made['numpy']}"
        return [
            f"measured on {made['measured'][:10]}"
            if made["measured"]
            else f"day not recorded, committed on {made['committed'][:10]}",
            f"commit {made['commit'][:8]}" if made["commit"] else "commit not recorded",
            versions if made["keras"] else "versions not recorded",
        ]
