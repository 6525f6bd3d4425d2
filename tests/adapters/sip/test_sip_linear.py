"""The time a message takes grows with its length, whatever it is filled with: no second of a core for a kilobyte of brackets."""

import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from types import FrameType

import pytest

import adapters.sip
from adapters.sip.framing import Framer

Write = Callable[..., bytes]
PutThrough = Callable[[bytes], None]


def steps(act: Callable[[], object]) -> int:
    """Count the calls of functions, Python's own included, that *act* takes."""
    count = 0

    def tick(frame: FrameType, event: str, arg: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(tick)
    try:
        act()
    finally:
        sys.setprofile(before)
    return count


def _one_by_one(data: bytes) -> None:
    framer = Framer()
    for byte in data:
        framer.feed(bytes([byte]))


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(lambda n: "X: " + "y\r\n " * n, id="folds"),
        pytest.param(lambda n: "v: " + ",".join(["SIP/2.0/UDP a"] * (n // 20)), id="hops"),
        pytest.param(lambda n: "m: " + "<sip:a@b>," * (n // 8) + "<sip:a@b>", id="contacts"),
        pytest.param(lambda n: 'm: "' + '\\"' * n + '" <sip:a@b>', id="escaped quotes"),
        pytest.param(lambda n: "m: " + '""' * n, id="quoted strings"),
        pytest.param(lambda n: "m: " + '"' * (n * 2 + 1), id="a quote too many"),
        pytest.param(lambda n: "m: " + "<" * n, id="brackets"),
        pytest.param(lambda n: "m: <sip:a@b>" + ";x=y" * n, id="parameters"),
        pytest.param(lambda n: "m: <sip:a@b" + ";x=y" * n + ">", id="parameters of a URI"),
        pytest.param(lambda n: "m: <sip:" + "%41" * n + "@b>", id="escapes"),
        pytest.param(lambda n: "m: <sip:" + "@" * n + "b>", id="at signs"),
        pytest.param(lambda n: "m: <tel:" + "1" * (2 * n) + ">", id="digits"),
        pytest.param(lambda n: "P-Asserted-Identity: " + "<tel:1>," * (n // 8) + "<tel:1>", id="identities"),
        pytest.param(lambda n: "Diversion: " + "<tel:1>;counter=9," * (n // 16) + "<tel:1>", id="diversions"),
        pytest.param(lambda n: "History-Info: " + "<tel:1>;index=1;mp=1," * (n // 16) + "<tel:1>", id="a history"),
        pytest.param(lambda n: "Privacy: " + "x;" * n, id="words of privacy"),
        pytest.param(lambda n: "Reason: " + "SIP;cause=200," * (n // 8) + "SIP", id="reasons"),
    ],
)
def test_time_grows_with_length_only(sip_bytes: Write, put_through: PutThrough, line: Callable[[int], str]) -> None:
    """A message twice as long takes no more than twice the steps, whatever it is filled with."""
    short, long = (sip_bytes("INVITE sip:a@b SIP/2.0", line(n)) for n in (800, 1600))

    assert steps(lambda: put_through(long)) <= 2.2 * steps(lambda: put_through(short))
    assert steps(lambda: _one_by_one(long)) <= 2.2 * steps(lambda: _one_by_one(short))


def patterns() -> Iterator[object]:
    """Find every regular expression that stands in a module of the package."""
    for found in pkgutil.iter_modules(adapters.sip.__path__):
        module = importlib.import_module(f"adapters.sip.{found.name}")
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                yield pytest.param(value, id=f"{found.name}.{name}")


@pytest.mark.parametrize("pattern", list(patterns()))
def test_no_pattern_goes_back(pattern: re.Pattern[str]) -> None:
    """Whatever repeats without bound is possessive: it never tries again with less, so that a match takes one pass."""

    def repeats(tree: object) -> Iterator[str]:
        for item in tree if isinstance(tree, list | tuple) or hasattr(tree, "data") else ():  # type: ignore[attr-defined]
            yield from repeats(item)
        if isinstance(tree, tuple) and len(tree) == 2 and str(tree[0]) in ("MAX_REPEAT", "MIN_REPEAT"):
            most = tree[1][1]
            if int(most) > 64:
                yield str(tree)

    assert list(repeats(re._parser.parse(pattern.pattern, pattern.flags))) == []  # type: ignore[attr-defined]
