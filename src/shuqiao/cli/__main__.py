"""`python -m shuqiao.cli` is the command line too."""

from shuqiao.cli import app

app()
