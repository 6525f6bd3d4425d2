"""The coroutine of a request runs as Twisted would run it, in a context of its own."""

from contextvars import ContextVar

import pytest
from twisted.internet.defer import Deferred, succeed

from adapters.running import run

ABOUT: ContextVar[str] = ContextVar("about", default="nobody")


def test_it_waits_for_what_it_awaits() -> None:
    """What has happened already is not waited for, what has not is; and it goes on with the outcome."""
    heard: list[str] = []
    later: Deferred[str] = Deferred()

    async def request() -> None:
        heard.append(await succeed("at once"))
        heard.append(await later)

    run(request())

    assert heard == ["at once"]
    later.callback("later")
    assert heard == ["at once", "later"]


def test_what_went_wrong_is_raised_where_it_is_awaited() -> None:
    """As an exception, which the coroutine may catch."""
    heard: list[BaseException] = []
    later: Deferred[None] = Deferred()

    async def request() -> None:
        try:
            await later
        except ZeroDivisionError as error:
            heard.append(error)

    run(request())
    wrong = ZeroDivisionError()
    later.errback(wrong)

    assert heard == [wrong]


def test_each_has_a_context_of_its_own() -> None:
    """Two that take turns do not see what the other has bound, nor does whoever started them."""
    heard: list[tuple[str, str]] = []
    turns: list[Deferred[None]] = [Deferred(), Deferred()]

    async def request(name: str, turn: "Deferred[None]") -> None:
        ABOUT.set(name)
        await turn
        heard.append((name, ABOUT.get()))

    for name, turn in zip(("one", "other"), turns, strict=True):
        run(request(name, turn))
    for turn in turns:
        turn.callback(None)

    assert heard == [("one", "one"), ("other", "other")]
    assert ABOUT.get() == "nobody"


def test_a_fault_is_not_swallowed() -> None:
    """What the coroutine raises before it waits comes out."""

    async def request() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(request())
