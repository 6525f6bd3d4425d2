"""Recordings: fetched from the provider's own hosts only, tried again, kept once, heard, and deleted when their time is over."""

import stat
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from adapters.sending import RestReply, RestRequest
from adapters.twilio.rest import Account
from router import ulid
from router.channels.http import NeverReachedError, NoAnswerError
from router.journal.api import JournalDown
from router.journal.record import Record
from router.outbox.ledger import Effect
from router.recordings.desk import RecordingsDesk
from router.recordings.download import LARGEST
from router.recordings.recordings import BACK_OFF, GIVEN_UP, HOURLY, MINUTE, Recordings
from router.recordings.shelf import Shelf
from rules.book import Box

NOW = 1_795_532_400.0  # 2026-11-24T15:00:00Z
SINCE = "2026-11-24T15:00:00.000000Z"
CALL, OTHER = ulid.new(NOW), ulid.new(NOW + 1)
SOUND = b"ID3" + b"\x00" * 97
ACCOUNT = Account(sid="AC1", user="AC1", secret="s3cret", own="https://phone.example", report_to="/hooks/twilio/status")
MP3 = {"content-type": "audio/mpeg"}
GOOD = RestReply(200, MP3, SOUND)
GONE = RestReply(404, {}, b"{}")
DELETED = RestReply(204)


def to(place: str, code: int = 302) -> RestReply:
    """Return a redirect."""
    return RestReply(code, {"location": place})


@attrs.define(eq=False)
class FakeLine:
    """Answers what it is told to, in order; remembers what was asked."""

    replies: "deque[RestReply | Exception]" = attrs.field(factory=deque)
    asked: list[RestRequest] = attrs.field(factory=list)
    limits: list[int] = attrs.field(factory=list)
    hanging: "list[Deferred[RestReply]]" = attrs.field(factory=list)

    async def exchange(self, request: RestRequest, *, limit: int) -> RestReply:
        """Answer one request; without an answer it hangs."""
        self.asked.append(request)
        self.limits.append(limit)
        if not self.replies:
            self.hanging.append(waiting := Deferred())
            return await waiting
        reply = self.replies.popleft()
        if isinstance(reply, Exception):
            raise reply
        return reply


@attrs.define(eq=False)
class FakeJournal:
    """Keeps what is written."""

    records: list[tuple[str, dict[str, Any]]] = attrs.field(factory=list)

    def append(self, kind: str, public: dict[str, Any], private: dict[str, Any]) -> Record:
        """Keep it."""
        assert private == {}
        self.records.append((kind, public))
        return Record(len(self.records), SINCE, kind, public, "", private, "", "")


@attrs.define(eq=False)
class FixedClock:
    """A clock that is set."""

    at: float = NOW

    def now(self) -> float:
        """Return the moment."""
        return self.at

    def received_at(self, headers: object) -> float:
        """Return the same."""
        return self.at


@attrs.define(eq=False)
class Archive:
    """Recordings with everything around them."""

    folder: Path
    outbox: Any
    boxes: dict[str, Box] = attrs.field(factory=lambda: {"main": Box("main", (), False, 3600)})
    carriers: dict[str, Any] = attrs.field(factory=lambda: {"twilio": ACCOUNT})
    line: FakeLine = attrs.field(factory=FakeLine)
    journal: FakeJournal = attrs.field(factory=FakeJournal)
    clock: FixedClock = attrs.field(factory=FixedClock)
    timers: Clock = attrs.field(factory=Clock)
    in_thread: Callable[[Callable[[], Any]], "Deferred[Any]"] = lambda work: succeed(work())
    recordings: Recordings = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Start."""
        self.open()

    def open(self) -> None:
        """Begin (again)."""
        shelf = Shelf(self.folder / "recordings")
        shelf.open()
        self.recordings = Recordings(
            shelf=shelf,
            outbox=self.outbox,
            journal=self.journal,
            line=self.line,
            carriers=lambda: self.carriers,
            boxes=lambda: self.boxes,
            clock=self.clock,
            timers=self.timers,
            in_thread=self.in_thread,  # type: ignore[arg-type]
        )
        self.recordings.start()

    def ready(self, call: str = CALL, reference: str | None = "RE1", *, live: bool = True) -> None:
        """Let the provider say that a recording is ready."""
        effect = Effect(
            key=f"{call}.recording",
            about=call,
            seq=1,
            kind="recording",
            people=(),
            target="main",
            number="boston",
            since=SINCE,
            release_at=None,
        )
        private = None if reference is None else {"details": {"recording_id": reference}}
        record = Record(1, SINCE, "recording", {"id": call, "provider": "twilio"}, "", private, "", "")
        self.outbox.effects[effect.key] = effect
        self.outbox.sources[effect.key] = record
        if live:
            self.recordings.effects(record, [effect])

    def run(self, *replies: RestReply | Exception, after: float = 0.0) -> None:
        """Let the provider answer with *replies* from now on, and seconds pass until they are used up."""
        self.line.replies.extend(replies)
        self.clock.at += after
        self.timers.advance(1)

    def told(self) -> list[str]:
        """Return what became of effects."""
        return [public["why"] for _, _, public, _ in self.outbox.queued]

    def names(self) -> list[str]:
        """Return the files there are."""
        return sorted(path.name for path in (self.folder / "recordings").iterdir())


@pytest.fixture
def archive(tmp_path: Path, desks: Any) -> Archive:
    """Return an empty one."""
    return Archive(tmp_path, desks.FakeOutbox())


def test_a_recording_is_fetched_and_kept(archive: Archive) -> None:
    """From the provider's API, with our login; in a file only its owner may read, named by the call, known to the journal."""
    archive.ready()
    archive.run(GOOD)

    (asked,) = archive.line.asked
    assert (asked.method, asked.url) == ("GET", "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1.mp3")
    assert archive.line.limits == [LARGEST]
    path = archive.folder / "recordings" / f"{CALL}.mp3"
    assert path.read_bytes() == SOUND
    assert {stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    ((kind, public),) = archive.journal.records
    assert kind == "kept"
    assert {name: public[name] for name in ("id", "number", "box", "keep", "size")} == {
        "id": CALL,
        "number": "boston",
        "box": "main",
        "keep": 3600,
        "size": 100,
    }
    assert archive.told() == ["kept"]
    assert CALL in archive.recordings.shelf
    assert OTHER not in archive.recordings.shelf


@pytest.mark.parametrize(
    ("replies", "asked"),
    [
        pytest.param((to("https://media.twiliocdn.com/RE1.mp3"), GOOD), 2, id="to its media host"),
        pytest.param(
            (to("https://api.us1.twilio.com/a"), to("https://x.twilio.com/b", 307), to("https://y.twilio.com/c"), GOOD),
            4,
            id="three times",
        ),
    ],
)
def test_redirects_are_followed(archive: Archive, replies: Any, asked: int) -> None:
    """To the provider's own hosts, without our login."""
    archive.ready()
    archive.run(*replies)

    assert archive.told() == ["kept"]
    assert len(archive.line.asked) == asked
    assert all("Authorization" not in request.headers for request in archive.line.asked[1:])


@pytest.mark.parametrize(
    ("replies", "asked"),
    [
        pytest.param((to("https://evil.example/RE1.mp3"),), 1, id="a redirect to another host"),
        pytest.param((to("http://media.twiliocdn.com/RE1.mp3"),), 1, id="without encryption"),
        pytest.param((to("https://media.twiliocdn.com.evil.example/x"),), 1, id="to a host that looks like one"),
        pytest.param((to("https://127.0.0.1/x"),), 1, id="to this machine"),
        pytest.param(tuple(to("https://x.twilio.com/") for _ in range(4)), 4, id="round in circles"),
        pytest.param((GONE,), 1, id="not there yet"),
        pytest.param((RestReply(500, {}, b""),), 1, id="a provider that stumbles"),
        pytest.param((RestReply(200, {"content-type": "text/html"}, b"<p>Log in</p>"),), 1, id="a login page"),
        pytest.param((RestReply(200, MP3, b""),), 1, id="nothing"),
        pytest.param((NeverReachedError("nobody knows its name"),), 1, id="nobody reached"),
        pytest.param((NoAnswerError("the answer is too large"),), 1, id="too large or too slow"),
    ],
)
def test_what_is_no_recording_is_not_kept(archive: Archive, replies: Any, asked: int) -> None:
    """It is tried again a little later; nothing else is asked for."""
    archive.ready()
    archive.run(*replies)
    archive.run(after=BACK_OFF[0] - 1)
    early = len(archive.line.asked)
    archive.run(GOOD, after=1)

    assert early == asked
    assert archive.told() == ["kept"]
    assert archive.line.asked[-1].url.endswith("/Recordings/RE1.mp3")


def test_it_is_tried_ever_more_seldom_and_given_up(archive: Archive) -> None:
    """For a day; then it stays with the provider."""
    archive.ready()
    waits = [0, *BACK_OFF, HOURLY, HOURLY]
    for at, wait in enumerate(waits):
        archive.run(GONE, after=wait - 1)
        assert len(archive.line.asked) == at
        archive.run(after=1)
        assert len(archive.line.asked) == at + 1
    archive.run(GONE, after=GIVEN_UP)
    archive.run(after=GIVEN_UP)

    assert archive.told() == ["given up: the provider does not have it (yet)"]
    assert len(archive.line.asked) == len(waits) + 1
    assert archive.names() == []


@pytest.mark.parametrize(
    ("reference", "carriers", "expected"),
    [
        pytest.param(None, {"twilio": ACCOUNT}, "its record has been erased", id="erased"),
        pytest.param("RE1", {}, "its provider is not in the rules any more", id="no such provider"),
    ],
)
def test_what_cannot_be_fetched_is_let_go(
    archive: Archive, reference: str | None, carriers: dict[str, Any], expected: str
) -> None:
    """Nothing is asked for."""
    archive.carriers = carriers
    archive.ready(reference=reference)
    archive.run()

    assert archive.told() == [expected]
    assert archive.line.asked == []
    assert archive.recordings.coming("twilio") == bool(carriers)


def test_a_name_that_leads_elsewhere(archive: Archive) -> None:
    """What comes from outside never becomes a part of an address."""
    archive.ready(reference="../../Calls")
    archive.run()

    assert archive.line.asked == []
    assert archive.told() == []


def test_two_at_a_time(archive: Archive) -> None:
    """A morning's messages do not all come at once; who is under way is not begun again."""
    calls = [ulid.new(NOW + at) for at in range(3)]
    for call in calls:
        archive.ready(call)
    archive.run()
    archive.run()
    first = len(archive.line.asked)
    archive.line.hanging[0].callback(GOOD)
    archive.run()

    assert (first, len(archive.line.asked)) == (2, 3)


# ---------------------------------------------------------------- restarts and trouble of our own


def test_a_restart(archive: Archive) -> None:
    """What was kept is known, what was not is fetched; what was kept and not said to be is not fetched again."""
    archive.ready()
    archive.run(GOOD)
    archive.ready(OTHER, live=False)
    archive.ready(CALL, live=False)
    archive.outbox.queued.clear()
    archive.open()
    archive.run(GOOD)

    assert len(archive.line.asked) == 2
    assert archive.told() == ["kept", "kept"]
    assert [kind for kind, _ in archive.journal.records] == ["kept", "kept"]


def test_stopping(archive: Archive) -> None:
    """What is under way is given up without a word, and is still pending."""
    archive.ready()
    archive.run()
    done: list[None] = []
    Deferred.fromCoroutine(archive.recordings.stop()).addCallback(done.append)
    Deferred.fromCoroutine(archive.recordings.stop()).addCallback(done.append)

    assert done == [None, None]
    assert archive.told() == []
    assert archive.timers.getDelayedCalls() == []


def _full(_work: object) -> Any:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("trouble", [pytest.param("disk", id="a full disk"), pytest.param("journal", id="no journal")])
def test_trouble_of_our_own(archive: Archive, trouble: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried again soon."""

    def down(*_args: object) -> bool:
        raise JournalDown("no disk")

    if trouble == "disk":
        archive.recordings.in_thread = _full
    else:
        monkeypatch.setattr(type(archive.outbox), "queue", down)
    archive.ready()
    archive.run(GOOD)
    monkeypatch.undo()
    archive.recordings.in_thread = archive.in_thread  # type: ignore[assignment]
    archive.run(GOOD, after=BACK_OFF[0])

    assert archive.told() == ["kept"]


def test_a_fault_of_ours(archive: Archive) -> None:
    """It keeps nothing else from going on, and is tried again in an hour."""
    archive.ready()
    archive.run(GOOD)
    archive.ready(OTHER)
    archive.run(RuntimeError("a fault"))
    archive.boxes = None  # type: ignore[assignment]
    archive.recordings._beats = 0
    archive.run()
    archive.boxes = {}
    archive.run(GOOD, after=HOURLY)

    assert archive.told() == ["kept", "kept"]


def test_what_is_none_of_ours(archive: Archive) -> None:
    """Other effects are for others."""
    effect = Effect(
        key=f"{CALL}.missed",
        about=CALL,
        seq=1,
        kind="missed",
        people=(),
        target="main",
        number="boston",
        since=SINCE,
        release_at=None,
    )
    archive.recordings.effects(None, [effect])
    archive.run()

    assert archive.line.asked == []


# ---------------------------------------------------------------- at the provider, and in the end


@pytest.mark.parametrize(
    ("replies", "expected", "methods"),
    [
        pytest.param((GOOD, DELETED), ["kept; deleted at the provider"], ["GET", "DELETE"], id="gone"),
        pytest.param((GOOD, GONE), ["kept; deleted at the provider"], ["GET", "DELETE"], id="gone before"),
        pytest.param((GOOD, RestReply(500)), [], ["GET", "DELETE"], id="not this time"),
        pytest.param((GOOD, NeverReachedError("no")), [], ["GET", "DELETE"], id="nobody reached"),
    ],
)
def test_the_providers_copy_is_deleted(archive: Archive, replies: Any, expected: list[str], methods: list[str]) -> None:
    """Where the box asks for it, once the recording is here; until then it is asked for again."""
    archive.boxes = {"main": Box("main", (), False, None, delete_at_provider=True)}
    archive.ready()
    archive.run(*replies)
    told = archive.told()
    archive.run(DELETED, after=BACK_OFF[0])

    assert told == expected
    assert [request.method for request in archive.line.asked[:2]] == methods
    assert archive.told() == ["kept; deleted at the provider"]
    assert [kind for kind, _ in archive.journal.records] == ["kept"]


def test_deleting_what_has_no_name() -> None:
    """There is nothing to be deleted."""
    from router.recordings.download import delete

    came: list[Any] = []
    Deferred.fromCoroutine(delete(FakeLine(), ACCOUNT, "../x")).addCallback(came.append)
    assert came == [None]


@pytest.mark.parametrize(
    ("keep", "after", "left"),
    [
        pytest.param(3600, 3599, True, id="a second before its time is over"),
        pytest.param(3600, 3600, False, id="when it is over"),
        pytest.param(None, 400 * 86400, True, id="a box that keeps all"),
        pytest.param(60, 61, False, id="a box that keeps them less long now"),
        pytest.param("gone", 3600, False, id="a box that is gone: as it said then"),
    ],
)
def test_a_recording_is_deleted_when_due(archive: Archive, keep: Any, after: int, left: bool) -> None:
    """By what its box says today; the journal says so."""
    archive.ready()
    archive.run(GOOD)
    archive.boxes = {} if keep == "gone" else {"main": Box("main", (), False, keep)}
    archive.clock.at += after
    archive.timers.pump([1] * MINUTE)

    assert archive.names() == ([f"{CALL}.json", f"{CALL}.mp3"] if left else [])
    assert [kind for kind, _ in archive.journal.records] == ["kept"] + ["expired"] * (not left)
    assert (CALL in archive.recordings.shelf) == left


def test_what_can_be_heard(archive: Archive) -> None:
    """The newest first; whoever listens is known to the journal; what is gone is not found, nor a path."""
    desk = RecordingsDesk(archive.recordings)
    archive.ready()
    archive.run(GOOD)
    archive.ready(OTHER)
    archive.run(RestReply(200, {"content-type": "application/octet-stream"}, b"other"), after=60)

    listed = desk.listed()
    assert [one["id"] for one in listed.told["recordings"]] == [OTHER, CALL]
    assert listed.told["recordings"][1] == {
        "id": CALL,
        "number": "boston",
        "box": "main",
        "kept_at": "2026-11-24T15:00:00Z",
        "size": 100,
    }
    assert desk.sound(CALL).sound == SOUND
    assert archive.journal.records[-1] == ("heard", {"id": CALL, "number": "boston", "box": "main"})
    assert desk.sound("../admin-token").code == 404
    (archive.folder / "recordings" / f"{OTHER}.mp3").unlink()
    assert desk.sound(OTHER).code == 404
    assert archive.journal.records[-1][1]["id"] == CALL


@pytest.mark.parametrize(
    ("name", "content", "sound"),
    [
        pytest.param(f"{CALL}.json", b"no JSON", True, id="no JSON"),
        pytest.param(f"{CALL}.json", b"[]", True, id="no object"),
        pytest.param(f"{CALL}.json", b'{"id": 1}', True, id="something else"),
        pytest.param("other.json", b"{NOTE}", True, id="under another name"),
        pytest.param(f"{CALL}.json", b"{NOTE}", False, id="without its sound"),
    ],
)
def test_a_folder_somebody_has_been_in(tmp_path: Path, name: str, content: bytes, sound: bool) -> None:
    """What is no note of a recording that is there is passed over."""
    shelf = Shelf(tmp_path)
    shelf.open()
    shelf.put(CALL, SOUND, number="boston", box="main", at=1, keep=None)
    note = (tmp_path / f"{CALL}.json").read_bytes()
    (tmp_path / f"{CALL}.json").unlink()
    (tmp_path / name).write_bytes(note if content == b"{NOTE}" else content)
    if not sound:
        (tmp_path / f"{CALL}.mp3").unlink()
    again = Shelf(tmp_path)
    again.open()

    assert again.notes == {}
    assert again.sound(CALL) is None


def test_only_our_references_become_names(tmp_path: Path) -> None:
    """Nothing else is ever a part of a path."""
    with pytest.raises(ValueError, match="reference"):
        Shelf(tmp_path).put("../x", SOUND, number="", box="", at=1, keep=None)
