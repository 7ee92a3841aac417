"""What rooms must agree on: what is chosen by name, and the constants of a layer that theory and networks share."""

from __future__ import annotations

from typing import Literal, get_args

PRESETS = ("quick", "standard", "paper")
"""How much is trained, from the smallest to the largest: live in a chapter, a night on two cores, a GPU."""

Backend = Literal["tensorflow", "jax"]
BACKENDS: tuple[Backend, ...] = get_args(Backend)
"""What Keras computes with."""

LRN_RADIUS, LRN_BIAS, LRN_ALPHA, LRN_BETA = 4, 1.0, 0.001 / 9, 0.75
"""The example's local response normalization: channels to either side, and the constants of its divisor."""

FLOAT32 = {"JAX_DEFAULT_MATMUL_PRECISION": "highest", "NVIDIA_TF32_OVERRIDE": "0"}
"""Variables that have a GPU multiply float32 numbers as they are, not rounded to the 10 bits of TF32."""

BOOK = "this book"
PRODUCTS, BYTES = "nothing but multiplications", "nothing but moving bytes"
"""Who is timed beside Keras' ``fit``, and yardsticks of the machine: what a step must multiply, and move to and from
memory, in the plainest way."""
