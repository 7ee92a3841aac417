"""Many runs: which are missing, in which order they are trained, how they are interrupted and go on.

In: studies and a ``Store``. Out: stored runs, checkpoints, and lines that say how far it is.
Never here: what a network computes, and what its numbers mean.
"""
