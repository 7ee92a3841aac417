"""``python -m relupool.cli COMMAND`` is ``relupool COMMAND``."""

from relupool.cli import app

app()
