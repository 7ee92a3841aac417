"""Where, with what and beside what else times were taken: no time counts without it."""

from __future__ import annotations

from attrs import frozen

from relupool.experiments.timing import Load


@frozen(kw_only=True)
class Conditions:
    """Where and how the times were taken; they stand beside every number."""

    device: str
    backend: str
    load: Load

    @property
    def words(self) -> str:
        """All of it as a sentence."""
        return f"{self.backend} on {self.device}; {self.load.words}."

    @property
    def warning(self) -> str:
        """A MyST box that says how much the times are worth, "" if the machine was quiet."""
        if self.load.disturbed:
            title, text = (
                "The machine was busy",
                (
                    f"While this page measured, other processes kept {self.load.others:.2f} of {self.load.cores} cores "
                    "busy. The times below mean little, and nothing is decided by them."
                ),
            )
        elif self.load.high:
            title, text = (
                "The machine had been busy",
                (
                    f"The load average of the minute before was {self.load.average:.1f} on {self.load.cores} cores, "
                    "which may be the rest of the build. During the measurement itself other processes took "
                    f"{self.load.others:.2f} cores. Still, take the times with care."
                ),
            )
        else:
            return ""
        return f"```{{warning}}\n**{title}.** {text}\n```"
