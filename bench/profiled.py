"""`python -m bench.profiled FILE ARGUMENTS…`: `switchhook` with a profiler that SIGUSR1 starts, and the next one ends."""

import cProfile
import signal
import sys
from types import FrameType

from router.cli import main


def profiled(file: str) -> None:
    """Wait for the signals; they come to the main thread, which is the reactor's."""
    profile = cProfile.Profile()
    running = False

    def turn(_number: int, _frame: FrameType | None) -> None:
        nonlocal running
        running = not running
        if running:
            profile.enable()
        else:
            profile.disable()
            profile.dump_stats(file)

    signal.signal(signal.SIGUSR1, turn)


if __name__ == "__main__":
    profiled(sys.argv[1])
    main(sys.argv[2:], prog_name="switchhook")
