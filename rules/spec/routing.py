"""What happens on a number: steps, rules, texts, boxes, named plans, and how texts are answered."""

import attrs

from rules.source import Mark
from rules.spec.office import ScheduleSpec
from rules.spec.words import Seconds, Word


@attrs.frozen
class RingSpec:
    """Ring a person, a team, or several at once; *seconds* None: the team's `each`, else `ring_for`."""

    targets: tuple[Word, ...]
    seconds: Seconds | None
    even_if: tuple[Word, ...]
    at: Mark


@attrs.frozen
class SaySpec:
    """Speak a text."""

    text: Word
    at: Mark


@attrs.frozen
class PlaySpec:
    """Play a file the configuration names, or an https URL."""

    source: Word
    at: Mark


@attrs.frozen
class VoicemailStepSpec:
    """Take a message in a box."""

    box: Word
    at: Mark


@attrs.frozen
class RejectSpec:
    """Refuse the call without answering it: busy, declined or unavailable."""

    reason: Word
    at: Mark


@attrs.frozen
class HangupSpec:
    """End the call."""

    at: Mark


CallStepSpec = RingSpec | SaySpec | PlaySpec | VoicemailStepSpec | RejectSpec | HangupSpec
Greeting = SaySpec | PlaySpec


@attrs.frozen
class UrgentSpec:
    """Words that reach somebody although the text would wait."""

    words: tuple[Word, ...]
    targets: tuple[Word, ...]
    even_if: tuple[Word, ...]
    at: Mark


@attrs.frozen
class TextBlockSpec:
    """What happens to a text: to whom, when, and what is answered by itself."""

    targets: tuple[Word, ...]
    even_if: tuple[Word, ...]
    copy: tuple[Word, ...]
    hold: bool
    reply: Word | None
    drop: bool
    urgent: UrgentSpec | None
    at: Mark


@attrs.frozen
class RuleSpec:
    """One entry of a number's `rules:`; empty conditions fit everybody."""

    name: Word
    callers: tuple[Word, ...]
    via: tuple[Word, ...]
    words: tuple[Word, ...]
    when: Word | None
    calls: tuple[CallStepSpec, ...] | None
    texts: TextBlockSpec | None
    at: Mark


@attrs.frozen
class NumberProviderSpec:
    """Which provider brings calls and which texts; events of *also_from* are accepted too, of others refused."""

    calls: Word
    texts: Word
    also_from: tuple[Word, ...]


@attrs.frozen
class MissedSpec:
    """What happens when nobody answered: who is told, what the caller is texted."""

    notify: tuple[Word, ...]
    text_back: Word | None
    at: Mark


@attrs.frozen
class NumberSpec:
    """
    A business number: its provider, hours, voicemail box, and what happens when it is called or texted.

    *prefer* `last-answered`: who calls back within a day is put through to whom they spoke with, if that person is here.
    """

    name: str
    number: Word
    provider: NumberProviderSpec
    hours: Word | ScheduleSpec | None
    voicemail: Word | None
    rules: tuple[RuleSpec, ...]
    calls_open: tuple[CallStepSpec, ...] | None
    calls_closed: tuple[CallStepSpec, ...] | None
    texts_open: TextBlockSpec | None
    texts_closed: TextBlockSpec | None
    missed: MissedSpec | None
    prefer: Word | None
    language: Word | None
    at: Mark


@attrs.frozen
class BoxSpec:
    """A voicemail box; *keep* is how long recordings are kept, *private* keeps names and numbers out of notices."""

    name: str
    greeting: Greeting | None
    notify: tuple[Word, ...]
    max: Seconds
    transcribe: bool
    private: bool
    address: Word | None
    language: Word | None
    keep: Seconds | None
    delete_at_provider: bool
    at: Mark


@attrs.frozen
class PlanSpec:
    """A named plan for a bad day."""

    name: str
    calls: tuple[CallStepSpec, ...] | None
    texts: TextBlockSpec | None
    at: Mark


@attrs.frozen
class RepliesSpec:
    """How teammates answer from their mobiles, and the fixed answers to STOP, START and HELP (None: our wording)."""

    from_mobile: bool
    conversation_for: Seconds
    stop: Word | None
    start: Word | None
    help: Word | None
