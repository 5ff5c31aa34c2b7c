"""``python -m amparo``: the same command as ``amparo``."""

from amparo.cli import main

main()
