"""A chapter's run: its parameters, what its cells may say and show, its execution by papermill, the gate, the record.

In: a notebook and its parameters. Out: an executed notebook, its figures' files, and a record of how they came about.
Never here: pages of the site (``site``), and anything that one chapter alone needs and a figure or measure could hold.
"""
