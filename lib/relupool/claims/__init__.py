"""What the two sources say, and how it stands.

Enters: what was proved and checked, stored runs, recorded times (``grounds``). Leaves: a verdict in one of four words
with its number, what limits it, and why (``judge``; ``decide`` by the kind of ground). A claim is a row of the
``ledger``: who said what, the evidence it takes, the rule as a value. No claim is judged anywhere else, no threshold
stands here: they are :mod:`relupool.thresholds`. Never here: figures, pages, Keras.
"""
