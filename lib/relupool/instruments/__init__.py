"""Clocks and counters: how long a step takes, how many multiply-adds it has, what a compiler made of it.

In: networks, or functions to be timed. Out: times with the machine's load beside them, counts, programs as graphs.
Never here: whether a time is large or small; that is ``measures`` and ``claims``.
"""
