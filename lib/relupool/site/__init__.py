"""The pages: executed chapters become a site that needs no other host, with elements to play with, downloads, a PDF.

In: what ``book`` has executed, and the verdicts. Out: staged sources for Jupyter Book, and what it rendered, corrected.
Never here: the execution of a chapter, and numbers that no chapter or claim has computed.
"""
