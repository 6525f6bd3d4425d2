"""
Notices after a call: that nobody answered, and that a message was left; and the text back to the caller.

Each call leaves one of a kind, however many steps it went through. A notice goes to who is in by then, covers included; with
nobody in it waits, like a text, and after three days it goes to those it is meant for wherever they are.
"""

from collections.abc import Callable, Mapping

import attrs

from router.callover import Told, began, is_private, settled, to_machines
from router.calls import LiveCall
from router.clock import epoch
from router.sending import Webhook
from router.texts.case import Case, Later, Outcome, Ready
from router.texts.deliveries import with_a_way
from router.texts.notice import notice
from router.texts.replies import text_back
from rules import aftercall
from rules.directory import EvenIf
from rules.filling import in_words
from rules.plan import Voicemail
from rules.progress import IN_WORDS, from_json

PATIENCE = 120
"""Seconds a notice of a message waits for the recording and the transcript."""

LOOK_AGAIN = 5

LATE = 72 * 3600
"""Seconds after which a notice waits no longer for somebody to be in."""

_EXCUSES: tuple[EvenIf, ...] = (frozenset({"off-hours"}), frozenset({"off-hours", "away"}))


@attrs.frozen(eq=False)
class Notices:
    """
    Says what becomes of the effects of a call.

    *call* finds a call by our reference; *kept* says whether the recording of its message is here, *coming* whether recordings
    of a provider (by name) are fetched at all. *webhooks* are those of the file, by name.
    """

    call: Callable[[str], LiveCall | None]
    kept: Callable[[str], bool]
    coming: Callable[[str], bool]
    webhooks: Callable[[], Mapping[str, Webhook]] = dict

    def handlers(self) -> Mapping[str, Callable[[Case], Outcome]]:
        """Return what does each kind of effect."""
        return {
            "missed": self.missed,
            "message": self.message,
            "text-back": self.text_back,
            "hook-missed": self.missed_event,
            "hook-voicemail": self.voicemail_event,
        }

    def missed(self, case: Case) -> Outcome:
        """Tell of a call that nobody answered; who is told of its message anyway is not told twice."""
        told = self._told(case)
        if (not_yet := settled(case, told)) is not None:
            return not_yet
        people, until = _recipients(case)
        if not people:
            return Later("nobody who is to be told is in", until)
        box = case.book.boxes.get(told.box)
        if told.state.message is not None and box is not None:
            aware = case.reach(box.notify).people
            people = tuple(person for person in people if person not in aware)
            if not people:
                return Ready(why="all of them are told of the message")
        if is_private(case, told):
            text = aftercall.private_missed(case.number.name)
            return notice(case, people, text, text)
        text = aftercall.missed(
            case.name,
            case.number.name,
            _when(case),
            _titled(case, told),
            hung_up=told.state.outcome == IN_WORDS["hung-up"],
            message=told.state.message is not None,
        )
        return notice(case, people, text, f"Missed call from {case.name} to {case.number.name}")

    def message(self, case: Case) -> Outcome:
        """Tell of a message: as soon as it can be heard and read, and not much later in any case."""
        told = self._told(case)
        private = is_private(case, told)
        ready = int(epoch(case.effect.since)) + PATIENCE
        if case.at < ready and not private and self._incomplete(case, told):
            return Later("the recording or its transcript is still to come", min(case.at + LOOK_AGAIN, ready))
        people, until = _recipients(case)
        if not people:
            return Later("nobody who is to be told is in", until)
        if private:
            text = aftercall.private_message(told.box)
            return notice(case, people, text, text)
        kept = self.kept(case.effect.about) or self.coming(told.provider or "")
        how = aftercall.to_hear if kept else aftercall.kept_elsewhere
        text = aftercall.message(
            case.name,
            case.number.name,
            _when(case),
            _titled(case, told),
            seconds=told.state.message or 0,
            to_hear=how(case.effect.about),
            transcript=told.transcript,
        )
        return notice(case, people, text, f"New message from {case.name} to {case.number.name}")

    def text_back(self, case: Case) -> Outcome:
        """Text the caller back, once it is certain that nobody answered."""
        not_yet = settled(case, self._told(case))
        return text_back(case) if not_yet is None else not_yet

    def missed_event(self, case: Case) -> Outcome:
        """Tell machines of a call nobody answered, once that is certain; they wait for nobody to be in."""
        told = self._told(case)
        not_yet = settled(case, told)
        return self._event(case, told, "missed") if not_yet is None else not_yet

    def voicemail_event(self, case: Case) -> Outcome:
        """Tell machines of a message."""
        return self._event(case, self._told(case), "voicemail")

    def _event(self, case: Case, told: Told, event: str) -> Ready:
        """Write to every web hook that wants to hear of *event*."""
        wanted = [name for name, hook in self.webhooks().items() if event in hook.events]
        return to_machines(case, told, event, wanted)

    def _told(self, case: Case) -> Told:
        """Return how the call stands now; if it is lost, as it stood when the effect was written down."""
        call = self.call(case.effect.about)
        if call is not None:
            return Told(call.state, call.rung(), call.transcript, call.provider)
        state = from_json(case.private["state"])
        return Told(state, state.rang({}))

    def _incomplete(self, case: Case, told: Told) -> bool:
        """Say whether something of a message is still to come."""
        last = told.state.stages[-1]
        writes = isinstance(last, Voicemail) and last.transcribe and told.transcript is None
        sound = self.coming(told.provider or "") and not self.kept(case.effect.about)
        return sound or (writes and self.coming(told.provider or ""))


def _recipients(case: Case) -> tuple[tuple[str, ...], int | None]:
    """Return who is told now; nobody, and until when that stays so, while there is nobody in."""
    targets = tuple((case.effect.target or "").split(", "))
    found = case.reach(targets)
    people = with_a_way(case, found.people)
    if not people and case.at >= int(epoch(case.effect.since)) + LATE:
        people = next(
            (there for excused in _EXCUSES if (there := with_a_way(case, case.reach(targets, excused).people))), ()
        )
    return people, found.until


def _when(case: Case) -> str:
    return in_words(began(case), case.number.zone)


def _titled(case: Case, told: Told) -> tuple[tuple[str, int], ...]:
    return tuple((case.title(person), seconds) for person, seconds in told.rung)
