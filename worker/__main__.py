"""`python -m worker` is `gongbao`."""

from worker.cli import main

main()
