"""`python -m cantoria` is the `cantoria` command."""

from cantoria.cli.main import run

run()
