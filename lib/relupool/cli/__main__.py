"""``python -m relupool.cli COMMAND`` is ``relupool COMMAND``."""

from relupool.cli import app

if __name__ == "__main__":
    app()
