"""What is chosen by name, in every room by the same names."""

from __future__ import annotations

PRESETS = ("quick", "standard", "paper")
"""How much is trained, from the smallest to the largest: live in a chapter, a night on two cores, a GPU."""

BACKENDS = ("tensorflow", "jax")
"""What Keras computes with."""
