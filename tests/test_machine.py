import os
from pathlib import Path

import pytest

from relupool.experiments.machine import cpu, native_bfloat16

TWO = "processor : 0\nmodel name : Some Processor\n\nprocessor : 1\nmodel name : Some Processor\n"


@pytest.mark.parametrize(("ours", "said"), [({0, 1}, "2 cores"), ({1}, "1 of 2 cores")])
def test_a_process_that_is_pinned_to_some_cores_says_so(ours, said, monkeypatch):
    monkeypatch.setattr(Path, "read_text", lambda path: TWO)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: ours, raising=False)
    assert cpu() == f"Some Processor, {said}"


@pytest.mark.parametrize(
    ("flags", "native"),
    [("flags : fma avx512_bf16", True), ("flags : amx_bf16", True), ("flags : fma avx512f", False), ("", None)],
)
def test_whether_a_processor_has_bfloat16_is_read_off_its_flags(flags, native, monkeypatch):
    monkeypatch.setattr(
        Path, "read_text", lambda path: TWO.replace("Some Processor\n", f"Some Processor\n{flags}\n", 1)
    )
    assert native_bfloat16() is native
