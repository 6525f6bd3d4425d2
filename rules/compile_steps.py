"""The steps of calls and texts, made to run: who is rung and how, what is said, which words texts are searched for."""

from collections.abc import Callable

from rules.book import CallBlock, RingStep, TextBlock, Urgent
from rules.directory import EvenIf
from rules.plan import Hangup, Play, Reject, Say, Voicemail
from rules.schedules import written
from rules.spec import (
    BoxSpec,
    CallStepSpec,
    FileSpec,
    Greeting,
    HangupSpec,
    PlaySpec,
    RejectSpec,
    RingSpec,
    SaySpec,
    TextBlockSpec,
    VoicemailStepSpec,
    Word,
)
from rules.words import Words

KEPT_SECONDS = 120
_NO_EXCUSE: EvenIf = frozenset()


def texts(words: tuple[Word, ...]) -> tuple[str, ...]:
    """Return what was written, without the places."""
    return tuple([word.text for word in words]) if words else ()


def even_if(words: tuple[Word, ...]) -> EvenIf:
    """Return the excuses that do not count."""
    return frozenset([word.text for word in words]) if words else _NO_EXCUSE  # type: ignore[misc]


class Steps:
    """
    Turns steps and blocks of text rules into what the book holds.

    *media_files* collects the greeting files found, *words* every list of words that some rule listens for.
    """

    def __init__(self, spec: FileSpec, media: Callable[[str], str | None]) -> None:
        self.spec = spec
        self.media = media
        self.media_files: dict[str, str] = {}
        self.words: dict[str, Words] = {}
        self._voicemails: dict[tuple[str, str | None], Voicemail] = {}
        self._rings: dict[tuple[tuple[str, ...], int | None, EvenIf], RingStep] = {}

    def calls(self, steps: tuple[CallStepSpec, ...] | None, language: str | None = None) -> CallBlock | None:
        """Make a list of call steps; *language* is the number's."""
        return None if steps is None else tuple([self.step(step, language) for step in steps])

    def step(self, step: CallStepSpec, language: str | None) -> RingStep | Say | Play | Voicemail | Reject | Hangup:
        """Make one step."""
        match step:
            case RingSpec():
                return self.ring(step)
            case SaySpec() | PlaySpec():
                return self.greeting(step, language)
            case VoicemailStepSpec():
                return self.voicemail(self.spec.boxes[step.box.text], language)
            case RejectSpec():
                return Reject(step.reason.text)  # type: ignore[arg-type]
        assert isinstance(step, HangupSpec)
        return Hangup()

    def ring(self, step: RingSpec) -> RingStep:
        """Make the step that rings somebody; thousands of rules share one."""
        wanted = texts(step.targets), step.seconds.value if step.seconds else None, even_if(step.even_if)
        made = self._rings.get(wanted)
        if made is None:
            made = self._rings[wanted] = RingStep(*wanted)
        return made

    def greeting(self, spec: Greeting, language: str | None) -> Say | Play:
        """Make what a caller hears."""
        if isinstance(spec, SaySpec):
            return Say(spec.text.text, language)
        source = spec.source.text
        if not source.startswith("https://"):
            found = self.media(source)
            assert found is not None
            self.media_files[found] = source
            source = found
        return Play(source)

    def voicemail(self, box: BoxSpec, language: str | None) -> Voicemail:
        """Make the step that takes a message in *box*; thousands of numbers share one."""
        spoken = written(box.language) or language
        if (box.name, spoken) not in self._voicemails:
            greeting = self.greeting(box.greeting, spoken) if box.greeting else None
            self._voicemails[box.name, spoken] = Voicemail(box.name, greeting, box.max.value, box.transcribe)
        return self._voicemails[box.name, spoken]

    def text_block(self, block: TextBlockSpec | None) -> TextBlock | None:
        """Make what happens to a text."""
        if block is None:
            return None
        urgent = None
        if block.urgent:
            question = self.listen(block.urgent.words)
            urgent = Urgent(question, texts(block.urgent.targets), even_if(block.urgent.even_if))
        return TextBlock(
            targets=texts(block.targets),
            even_if=even_if(block.even_if),
            copy=texts(block.copy),
            hold=block.hold,
            reply=written(block.reply),
            drop=block.drop,
            urgent=urgent,
        )

    def listen(self, words: tuple[Word, ...]) -> str:
        """Return the question that asks for any of *words*."""
        question = "words:" + ",".join(word.text.casefold() for word in words)
        self.words[question] = Words.of(word.text for word in words)
        return question
