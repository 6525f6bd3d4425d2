"""`python -m router` is `switchhook`."""

from router.cli import main

if __name__ == "__main__":
    main(prog_name="switchhook")
