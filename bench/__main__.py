"""`python -m bench [PART] [--quick] [--json]`: measure, and print one table; nothing is kept."""

import argparse
import sys
import time
from collections.abc import Callable

from bench import checking, decisions, hostile, loading, profile, replaying, sip, webhook
from bench.machine import described, pin
from bench.servers import NotStartedError
from bench.table import Line, as_json, rendered

BARE = "bare: a stock twisted.web Site, form POST read by way of request.args, constant TwiML, stock access log (bench/bare.py)"


def requests(*, quick: bool) -> list[Line]:
    """Run part d; its own table goes to standard error, so that `--json` stays one value."""
    lines, details = hostile.run(quick=quick)
    print(details, end="\n\n", file=sys.stderr)
    return lines


PARTS: dict[str, Callable[..., list[Line]]] = {
    "http": webhook.run,
    "decide": decisions.run,
    "load": loading.run,
    "requests": requests,
    "check": checking.run,
    "replay": replaying.run,
    "sip": sip.run,
}


def main() -> int:
    """Run the parts asked for; 1 when a target was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "part", nargs="?", choices=[*PARTS, "profile"], help="one part only; all but profile by default"
    )
    parser.add_argument("--quick", action="store_true", help="shorter rounds: a minute instead of five")
    parser.add_argument("--json", action="store_true", help="one JSON value on standard output")
    asked = parser.parse_args()
    pin(1)
    if asked.part == "profile":
        print(profile.run(quick=asked.quick))
        return 0
    lines: list[Line] = []
    for name in [asked.part] if asked.part else PARTS:
        begun = time.monotonic()
        try:
            lines += PARTS[name](quick=asked.quick)
        except NotStartedError as error:
            lines.append(
                Line(f"part {name}", "a server did not start", "-", good=False, note=str(error).replace("\n", " | "))
            )
        print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr)
    if asked.json:
        print(as_json(described(), lines))
    else:
        missed = sum(line.good is False for line in lines)
        print(
            f"{described()}\n{BARE}\n{rendered(lines)}\n\n{missed} short of target"
            if missed
            else f"{described()}\n{BARE}\n{rendered(lines)}\n\nall targets reached"
        )
    return 1 if any(line.good is False for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
