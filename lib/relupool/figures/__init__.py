"""The pictures: each function takes numbers and returns a ``Figure`` with its caption and its text for the blind.

In: frames and arrays. Out: frozen ``Figure`` values, drawn in one style.
Never here: reading of files, training, verdicts.
"""
