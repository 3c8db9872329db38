"""`python -m failback` is the command `failback`, where that is not on the path."""

from __future__ import annotations

from failback.cli import main

main()
