"""Part f: `switchhook replay` over a month of recorded calls and texts, as a whole process, by the file they were decided by."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

import attrs

from adapters.api import Answer, RawResponse
from adapters.twilio import Twilio
from bench import books
from bench.checking import ended, peak
from bench.machine import every_core
from bench.table import Line
from bench.traffic import ACCOUNT, PUBLIC_URL, TOKEN
from router import ulid
from router.clock import WallClock, iso
from router.engine.alike import write_call
from router.engine.effects import text_effects
from router.engine.render import actions_of
from router.engine.shared import Json, answer_json, digest
from router.engine.told import public_of
from router.files import Files
from router.journal.disk import RealDisk
from router.journal.record import START, Point, seal
from router.journal.segment import Origin
from router.journal.spool import Spool
from router.links import Links
from rules.book import RuleBook
from rules.callers import Caller
from rules.deciding import Timetable, window_around
from rules.event import IncomingCall, IncomingText
from rules.inquiry import inquire
from rules.legs import freeze
from rules.plan import Decision
from rules.progress import current, to_json

PART = "f. replay: a month of events decided again, whole process"
MONTH = 29 * 86400
TARGET = 20_000
MEGABYTES = 300
BATCH_BYTES = 1 << 20
TEXTS = 0.3
WORDS = (
    "Hi, is my bike ready?",
    "STOP",
    "URGENT: water in the basement!",
    "Thanks \u2013 see you on Monday \U0001f600",
    "START",
)
ORIGIN = Origin("bench", "0", "0")

Happening = IncomingCall | IncomingText


@attrs.frozen
class Run:
    """One run of the command: seconds by the clock and of the processors, bytes of memory of its largest process, events decided alike."""

    seconds: float
    cpu: float
    memory: int
    unchanged: int


def happenings(count: int, until: float, seed: int = 7) -> Iterator[tuple[float, Happening]]:
    """Make *count* events of the example's company, seven calls to three texts, spread over the month before *until*."""
    chance = Random(seed)
    callers, numbers = books.example_callers(20_000), books.EXAMPLE_NUMBERS
    for at in range(count):
        to, caller, name = chance.choice(numbers), chance.choice(callers), f"CA{at:032x}"
        moment = until - MONTH * (1 - at / count)
        if chance.random() < TEXTS:
            text = chance.choice(WORDS)
            yield moment, IncomingText(provider="twilio", account=ACCOUNT, id=name, to=to, caller=caller, text=text)
        else:
            yield (
                moment,
                IncomingCall(
                    provider="twilio",
                    account=ACCOUNT,
                    id=name,
                    to=to,
                    caller=caller,
                    caller_name="CAMBRIDGE  MA",
                    verified=chance.choice((True, False, None)),
                ),
            )


@attrs.define
class Past:
    """Decides events as the daemon would have, and tells their records: what the daemon writes, but for the links of a call."""

    book: RuleBook
    provider: Twilio = attrs.field(
        factory=lambda: Twilio("twilio", PUBLIC_URL, ACCOUNT, [TOKEN], {}, frozenset({"sha1"}))
    )
    links: Links = attrs.field(factory=lambda: Links(b"k" * 32, PUBLIC_URL))
    timetable: Timetable | None = None
    begun: dict[int, tuple[Decision, Json, RawResponse]] = attrs.field(factory=dict)

    def told(self, at: float, event: Happening) -> tuple[str, Json, Json]:
        """Return kind, public and private part of the record of *event*, which came *at* (UTC epoch seconds)."""
        if self.timetable is None or not self.timetable.covers(int(at)):
            self.timetable = Timetable(self.book, window_around(int(at)))
        inquiry = inquire(self.book, event)
        decision = self.timetable.decide(inquiry, int(at))
        reference = ulid.new(at)
        private: Json = {"from": event.caller, "to": event.to}
        if isinstance(event, IncomingCall):
            state, response = self.answered(decision, inquiry.caller)
            private |= {"caller_name": event.caller_name, "diversions": [], "verified": event.verified, **state}
            private["call_id"] = event.id
        else:
            response = self.provider.write(Answer(to="text", decision=reference))
            effects = text_effects(reference, decision, reply_apart=False)
            private |= {"text": event.text, "opt_out": None, "media": [], "replies": None, "outbox": effects}
        public = public_of(decision) | {
            "id": reference,
            "key": f"twilio|{ACCOUNT}|{decision.kind}|{event.id}",
            "event_id": event.id,
            "provider": event.provider,
            "received_at": iso(at),
            "decided_at": iso(at),
            "answer_sha256": digest(response),
            "duration_us": 400,
        }
        return decision.kind, public, private | {"answer": answer_json(response)}

    def answered(self, decision: Decision, caller: Caller) -> tuple[Json, RawResponse]:
        """Return the frozen state of a call and its answer; the links are those of the first call with that plan."""
        known = self.begun.get(id(decision.plan))
        if known is None:
            state = freeze(decision, self.book, caller, caller_id_passes=True)
            perform, call = current(state), ulid.new(decision.at)
            actions = actions_of(perform.stages, PUBLIC_URL)
            response = write_call(self.provider, actions, call, self.links.of_step("twilio", call, perform.step))
            known = self.begun[id(decision.plan)] = decision, {} if state.over else {"state": to_json(state)}, response
        return known[1:]


def write(folder: Path, book: RuleBook, count: int, until: float) -> None:
    """Write a journal of *count* events into *folder*, as the daemon's journal writes it."""
    folder.mkdir(parents=True)
    spool, past = Spool(folder, RealDisk(), ORIGIN, lambda: until - MONTH), Past(book)
    before = point = START
    rows = bytearray()
    for at, event in happenings(count, until):
        kind, public, private = past.told(at, event)
        salt = ulid.new(at)[-16:].encode()
        record, line = seal(
            seq=point.seq + 1, at=iso(at), kind=kind, public=public, private=private, prev=point.hash, salt=salt
        )
        rows += line
        point = Point(record.seq, record.hash)
        if len(rows) > BATCH_BYTES or record.seq == count:
            spool.write(bytes(rows), before)
            rows.clear()
            before = point
    spool.close()


def replay(folder: Path) -> Run:
    """Run the command once on the file and the state in *folder*."""
    config = str(folder / "config.yaml")
    command = [sys.executable, "-m", "router", "-c", config, "replay", "--json", config]
    with every_core():
        said, seconds, used = ended(command)
    return Run(seconds, used.ru_utime + used.ru_stime, peak(used), json.loads(said)["unchanged"])


def run(*, quick: bool) -> list[Line]:
    """Make a month of the example's events up, and decide it again."""
    count, times = (20_000, 1) if quick else (100_000, 3)
    with TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(books.example(8080, 8081), encoding="utf-8")
        write(Path(folder) / "state" / "journal", book_of(config), count, WallClock().now())
        runs = [replay(Path(folder)) for _ in range(times)]
    seconds, cpu = median(run.seconds for run in runs), median(run.cpu for run in runs)
    rate, took = count / seconds, f"{seconds:.2f} s in all, {cpu:.2f} s CPU"
    memory = max(run.memory for run in runs) / 1e6
    unlike = max(count - run.unchanged for run in runs)
    return [
        Line(PART, f"{count:,} events", rate, "/s", f">= {TARGET:,}", rate >= TARGET, took),
        Line(PART, "not as recorded, by the unchanged file", unlike, f"of {count:,}", "0", not unlike),
        Line(PART, "memory", memory, "MB", f"< {MEGABYTES}", memory < MEGABYTES),
    ]


def book_of(path: Path) -> RuleBook:
    """Load the file at *path*, which has no mistake."""
    loaded = Files.read(path).load()
    assert loaded.book, [problem.message for problem in loaded.errors]
    return loaded.book
