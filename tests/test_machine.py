import os
from pathlib import Path

import pytest

from relupool.experiments.machine import cpu

TWO = "processor : 0\nmodel name : Some Processor\n\nprocessor : 1\nmodel name : Some Processor\n"


@pytest.mark.parametrize(("ours", "said"), [({0, 1}, "2 cores"), ({1}, "1 of 2 cores")])
def test_a_process_that_is_pinned_to_some_cores_says_so(ours, said, monkeypatch):
    monkeypatch.setattr(Path, "read_text", lambda path: TWO)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: ours, raising=False)
    assert cpu() == f"Some Processor, {said}"
