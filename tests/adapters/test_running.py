"""The coroutine of a request runs as Twisted would run it, in a context of its own."""

from contextvars import ContextVar

import pytest
from structlog.testing import capture_logs
from twisted.internet.defer import Deferred, succeed

from adapters.running import Later, run

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


@pytest.mark.parametrize("early", [True, False], ids=["it is there already", "it comes later"])
def test_a_value_to_come(early: bool) -> None:
    """Whoever waits for it goes on with it."""
    heard: list[str] = []
    value: Later[str] = Later()

    async def request() -> None:
        heard.append(await value)

    if early:
        value.come("hello")
        run(request())
    else:
        run(request())
        assert heard == []
        value.come("hello")

    assert heard == ["hello"]


def test_who_brings_it_does_not_suffer_for_who_waits() -> None:
    """A request that fails is logged, and the next one is told all the same."""
    heard: list[str] = []
    values: list[Later[str]] = [Later(), Later()]

    async def bad() -> None:
        await values[0]
        raise ZeroDivisionError

    async def good() -> None:
        heard.append(await values[1])

    run(bad())
    run(good())
    with capture_logs() as logs:
        for value in values:
            value.come("hello")

    assert heard == ["hello"]
    assert [line["event"] for line in logs] == ["request.failed"]
