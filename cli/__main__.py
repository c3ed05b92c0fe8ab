"""`python -m cli`: the same as `luodi`, wherever the environment's own programs are not found."""

from cli.main import app

app(prog_name="luodi")
