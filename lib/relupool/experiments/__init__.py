"""What is trained, as values: networks, schedules, studies; how they are trained; and the store of finished runs.

In: CIFAR-10 and an ``Experiment``. Out: a ``Run``, and a ``Store`` that answers which runs there are.
Never here: several runs at once (``running``), statistics (``measures``), judgements, sentences for a page.
"""
