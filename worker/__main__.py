"""`python -m worker` is `gongbao`."""

from worker.cli import main

if __name__ == "__main__":  # a reader's child imports this module too
    main()
