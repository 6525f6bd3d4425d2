"""What happens to a call, step by step, and to a text."""

from collections.abc import Callable
from typing import Any

from rules import fragments
from rules.decode import (
    DURATION,
    NAME,
    NAMES,
    TEXT,
    YES_NO,
    Field,
    Kind,
    Shape,
    bad_value,
    choice,
    one_or_more,
    shaped,
    text,
    unknown_key,
    word_choice,
    wrong_shape,
)
from rules.parse.values import EVEN_IF
from rules.source import Mark, Problem, Report
from rules.spec import (
    CallStepSpec,
    HangupSpec,
    PlaySpec,
    RejectSpec,
    RingSpec,
    SaySpec,
    TextBlockSpec,
    UrgentSpec,
    VoicemailStepSpec,
)
from rules.yamltree import Mapping, Node, Scalar

_EVEN_IF = Field("even_if", EVEN_IF, "reach them also when away or off-hours", default=())

_RING = Field("ring", NAMES, "a person, a team, or a list of them", required=True, to="targets")
_FOR = Field("for", DURATION, "how long it rings", to="seconds")
_SAY = Field("say", text("the words to speak"), "the words to speak", required=True, to="text")
_PLAY = Field(
    "play", text("a sound file or an https address", fragments.SOUND), "a sound file", required=True, to="source"
)
_VOICEMAIL = Field("voicemail", NAME, "the box the message goes to", required=True, to="box")
_REASONS = word_choice("busy", "declined", "unavailable")
_REJECT = Field("reject", _REASONS, "busy, declined or unavailable", required=True, to="reason")
_HANGUP = Field("hangup", choice("yes"), "write `hangup`", required=True)

Build = Callable[[Mark, dict[str, Any]], CallStepSpec]
_STEPS: dict[str, tuple[Shape, Build]] = {
    "ring": (Shape("a `ring` step", (_RING, _FOR, _EVEN_IF)), lambda at, values: RingSpec(at=at, **values)),
    "say": (Shape("a `say` step", (_SAY,)), lambda at, values: SaySpec(at=at, **values)),
    "play": (Shape("a `play` step", (_PLAY,)), lambda at, values: PlaySpec(at=at, **values)),
    "voicemail": (Shape("a `voicemail` step", (_VOICEMAIL,)), lambda at, values: VoicemailStepSpec(at=at, **values)),
    "reject": (Shape("a `reject` step", (_REJECT,)), lambda at, values: RejectSpec(at=at, **values)),
    "hangup": (Shape("a `hangup` step", (_HANGUP,)), lambda at, _: HangupSpec(at)),
}
VERBS = tuple(_STEPS)


def _read_step(key: str, node: Node, report: Report) -> CallStepSpec | None:
    if isinstance(node, Scalar) and node.text == "hangup":
        return HangupSpec(node.at)
    if not isinstance(node, Mapping):
        report(wrong_shape(key, "steps", node, "write `- ring: NAME` or `- voicemail: BOX`, one step a line"))
        return None
    verb = None
    for name, _ in node.entries:
        if name.text in _STEPS:
            if verb is not None:
                hint = f"make it steps of their own: `- {verb}: …`, then `- {name.text}: …`"
                report(Problem("two-in-one", f"one step cannot both {verb} and {name.text}", name.at, hint))
                return None
            verb = name.text
    if verb is None:
        for name, _ in node.entries:
            report(unknown_key(name, "a step", list(VERBS)))
        if not node.entries:
            report(wrong_shape(key, "steps", node))
        return None
    shape, build = _STEPS[verb]
    values = shape.read(key, node, report)
    return None if values is None else build(node.at, values)


_STEP: Kind[CallStepSpec] = Kind(
    "a step",
    _read_step,
    VERBS,
    fragments.defined(
        "step", fragments.any_of({"enum": ["hangup"]}, *(shape.fragment() for shape, _ in _STEPS.values()))
    ),
)
CALL_STEPS: Kind[tuple[CallStepSpec, ...]] = one_or_more(_STEP, "a list of steps")

_URGENT = Shape(
    "`urgent`",
    (
        Field(
            "words", one_or_more(TEXT, "one word or a list of words"), "words that make a text urgent", required=True
        ),
        Field("to", NAMES, "who gets it at once", required=True, to="targets"),
        _EVEN_IF,
    ),
)

_TEXTS = Shape(
    "what happens to texts",
    (
        Field("to", NAMES, "who gets the text", default=(), to="targets"),
        _EVEN_IF,
        Field("copy", NAMES, "who sees it as well", default=()),
        Field("hold", choice("until-open"), "keep it until the number opens"),
        Field("reply", TEXT, "what is answered by itself"),
        Field("drop", YES_NO, "record the text and do nothing else", default=False),
        Field("urgent", shaped(_URGENT, lambda at, values: UrgentSpec(at=at, **values)), "what does not wait"),
    ),
)


def _read_texts(key: str, node: Node, report: Report) -> TextBlockSpec | None:
    if isinstance(node, Mapping) and not node.entries:
        report(wrong_shape(key, "what happens to a text", node, "such as {to: NAME}"))
        return None
    values = _TEXTS.read(key, node, report)
    if values is None:
        return None
    values["hold"] = values["hold"] is not None
    block = TextBlockSpec(at=node.at, **values)
    if block.drop and (block.targets or block.copy or block.hold or block.reply or block.urgent):
        report(bad_value(key, node, "either `drop` or something else", "a text that is dropped goes nowhere"))
    return block


TEXT_BLOCK: Kind[TextBlockSpec] = Kind(
    "the keys of what happens to texts",
    _read_texts,
    fragment=fragments.defined("texts", {**_TEXTS.fragment(), "minProperties": 1}),
)
