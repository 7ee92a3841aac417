"""Every threshold that a verdict, a table or a caption of the book applies; none stands anywhere else.

Whoever would draw a line elsewhere changes it here: the verdict, the sentence that states the rule and the interval
follow. When each rule was written, and which are younger than the runs that they judge, says
:mod:`relupool.claims.changes`, and ``git log --follow`` of this file.
"""

from __future__ import annotations

LEVEL = 0.95
"""Coverage of every interval over seeds (Student's); what is claimed is claimed at a risk of 1 - LEVEL."""

POINT = 0.01
"""Accuracies count as the same if they surely differ by less: one point, by two one-sided tests."""

NOTICEABLE, LARGE = 0.10, 0.25
"""Accuracy that a change must cost to count as large, and as making a network fall apart."""

HALF = 0.5
"""From this part on something is most of the whole, or brings most of what the whole brings."""

MOST = 0.9
"""From this part on it is "almost every", and from this share of the untouched network's accuracy a network "works"."""

STRONG = 0.7
"""A rank correlation from which on one order is said to follow the other."""

ENOUGH, LONG, SEEDS = 1_000, 60_000, 3
"""Steps below which nothing is decided; steps as many as the example's documents mean; seeds with which a step counts
before all others: a claim is decided at the last step that so many seeds of its networks have reached."""

ONE_SEED = 0.02
"""What is assumed to either side of one seed's number, in place of an interval."""

CHANCE = 0.1
"""Accuracy of guessing among ten classes."""

DAY = 24
"""Hours within which the second question wants a network trained."""

SMALL_SHARE = 0.05
"""Of a training step: what is smaller does not matter in practice."""

HIGH_LOAD, DISTURBED = 0.3, 0.1
"""Parts of the cores: above them a load average, or what other processes took, says that the machine was busy."""

ROUNDED = 64.0
"""Units in the last place by which a smooth activation may differ between the two orders, and commute all the same."""

ROUNDING = 1_000
"""Below so many units in the last place of the largest number a difference counts as rounding."""

NEAR = 0.1
"""How far, as a part of it, a number of steps may lie from the one that a document names."""

FIRST_LOSS = 0.01
"""How far a first loss may lie from a printed one: what drawing other initial weights changes."""

AGREE = {
    ("TensorFlow and JAX, in float32", "outputs"): 1e-5,
    ("TensorFlow and JAX, in float32", "a step of training"): 1e-3,
    ("float32 and bfloat16", "outputs"): 0.03,
    ("float32 and bfloat16", "a step of training"): 0.3,
}
"""How far the untouched network may differ from itself with the same weights and images, as a part of the largest
number."""
