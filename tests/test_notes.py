"""A note has a letter in place of a number, and counts its own figures, tables and theorems."""

from __future__ import annotations

from types import SimpleNamespace

from relupool.site.website import number_notes


def test_each_note_counts_from_one_and_chapters_keep_their_numbers():
    numbers = {
        "chapters/03_before_or_after": {"figure": {"fig-a": (3, 1)}},
        "chapters/A_flipped_kernels": {"figure": {"fig-b": (1,)}, "theorem": {"thm-b": (1,)}},
        "chapters/AB_not_a_note": {"figure": {"fig-e": (4, 1)}},
        "chapters/B_floating_point": {"figure": {"fig-c": (2,), "fig-d": (3,)}},
    }
    env = SimpleNamespace(toc_fignumbers=numbers)
    assert number_notes(None, env) == ["chapters/A_flipped_kernels", "chapters/B_floating_point"]
    assert numbers["chapters/03_before_or_after"] == {"figure": {"fig-a": (3, 1)}}
    assert numbers["chapters/AB_not_a_note"] == {"figure": {"fig-e": (4, 1)}}
    assert numbers["chapters/A_flipped_kernels"] == {"figure": {"fig-b": ("A", 1)}, "theorem": {"thm-b": ("A", 1)}}
    assert numbers["chapters/B_floating_point"] == {"figure": {"fig-c": ("B", 1), "fig-d": ("B", 2)}}
