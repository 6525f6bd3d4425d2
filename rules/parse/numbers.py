"""Business numbers with their rules, voicemail boxes, and plans for a bad day."""

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
    one_or_more,
    shaped,
    text,
    word_choice,
    wrong_shape,
)
from rules.parse.business import HOURS
from rules.parse.callers import CALLERS
from rules.parse.named import check_name, is_name
from rules.parse.steps import CALL_STEPS, TEXT_BLOCK
from rules.parse.values import GREETING
from rules.source import Mark, Problem, Report
from rules.spec import BoxSpec, MissedSpec, NumberProviderSpec, NumberSpec, PlanSpec, RuleSpec, Seconds
from rules.yamltree import Mapping, Node, Scalar, Sequence

_LANGUAGE = Field("language", text("a language such as en-GB", fragments.LANGUAGE), "how words are spoken")

# ---------------------------------------------------------------- rules

_RULE = Shape(
    "a rule",
    (
        Field("name", text("a short name"), "what it is called in the audit and the tests", required=True),
        Field("from", CALLERS, "for which callers", default=(), to="callers"),
        Field("via", one_or_more(text("a number"), "numbers"), "which number it was forwarded from", default=()),
        Field("words", one_or_more(TEXT, "one word or a list of words"), "words of a text, any of them", default=()),
        Field("when", NAME, "open, closed or the name of a schedule"),
        Field("calls", CALL_STEPS, "what happens to calls"),
        Field("texts", TEXT_BLOCK, "what happens to texts"),
    ),
)


def _read_rules(key: str, node: Node, report: Report) -> tuple[RuleSpec, ...] | None:
    if not isinstance(node, Sequence):
        report(wrong_shape(key, "a list of rules", node, "begin each rule with `- name: …`"))
        return None
    rules = []
    places: dict[str, Mark] = {}
    for item in node.items:
        values = _RULE.read(key, item, report)
        if values is None:
            continue
        rule = RuleSpec(at=item.at, **values)
        _check_rule(rule, item, places, report)
        rules.append(rule)
    return tuple(rules)


def _check_rule(rule: RuleSpec, node: Node, places: dict[str, Mark], report: Report) -> None:
    name, at = rule.name
    if not is_name("rules", name):
        check_name("rules", Scalar(name, False, at.file, at.line, at.column, at.width), report)
    if name in places:
        message = f"there is already a rule '{name}' for this number"
        report(Problem("name-twice", message, at, f"the other is at {places[name]}; rename one of them"))
    places.setdefault(name, at)
    if rule.calls is not None or rule.texts is not None:
        return
    assert isinstance(node, Mapping)
    if node.get("calls") is None and node.get("texts") is None:
        hint = "add `calls:`, `texts:` or both"
        report(Problem("missing-key", "this rule says neither what happens to calls nor to texts", node.at, hint))


_RULES: Kind[tuple[RuleSpec, ...]] = Kind(
    "a list of rules",
    _read_rules,
    fragment=fragments.listed({**_RULE.fragment(), "anyOf": [{"required": ["calls"]}, {"required": ["texts"]}]}),
)

# ---------------------------------------------------------------- numbers

_PROVIDER = Shape(
    "`provider`",
    (
        Field("calls", NAME, "the provider that brings the calls", required=True),
        Field("texts", NAME, "the provider that brings the texts"),
        Field("also_from", NAMES, "providers whose events are accepted too", default=()),
    ),
)


def _read_provider(key: str, node: Node, report: Report) -> NumberProviderSpec | None:
    if not isinstance(node, Mapping):
        one = NAME.read(key, node, report)
        return None if one is None else NumberProviderSpec(one, one, ())
    values = _PROVIDER.read(key, node, report)
    if values is None:
        return None
    values["texts"] = values["texts"] or values["calls"]
    return NumberProviderSpec(**values)


_PROVIDER_KIND: Kind[NumberProviderSpec] = Kind(
    "the name of a provider", _read_provider, fragment=fragments.any_of(NAME.fragment, _PROVIDER.fragment())
)


def _halves(what: str, kind: Kind[Any]) -> Kind[dict[str, Any]]:
    shape = Shape(
        f"`{what}`",
        (
            Field("open", kind, f"what happens to {what} while the number is open"),
            Field("closed", kind, f"what happens to {what} while the number is closed"),
        ),
    )
    return shaped(shape, lambda _, values: values)


_SILENT: dict[str, Any] = {"open": None, "closed": None}
_MISSED = Shape(
    "`missed`",
    (
        Field("notify", NAMES, "who is told that nobody answered", default=()),
        Field("text_back", TEXT, "what the caller is texted"),
    ),
)

_NUMBER = Shape(
    "a number",
    (
        Field("number", text("a phone number such as +1 617 555 0100"), "the number itself", required=True),
        Field("provider", _PROVIDER_KIND, "who brings its calls", required=True),
        Field("hours", HOURS, "when it is open; else always"),
        Field("voicemail", NAME, "the box that ends every call nobody answered"),
        Field("rules", _RULES, "what is special for some callers or words; the first that fits", default=()),
        Field("calls", _halves("calls", CALL_STEPS), "what happens to calls", default=_SILENT),
        Field("texts", _halves("texts", TEXT_BLOCK), "what happens to texts", default=_SILENT),
        Field("missed", shaped(_MISSED, lambda at, values: MissedSpec(at=at, **values)), "when nobody answered"),
        Field("prefer", word_choice("last-answered"), "who is rung first when somebody calls back within a day"),
        _LANGUAGE,
    ),
)


NUMBER_FRAGMENT = _NUMBER.fragment()


def number(name: Scalar, node: Node, report: Report) -> NumberSpec | None:
    """Read one entry of `numbers:`."""
    values = _NUMBER.read(name.text, node, report)
    if values is None:
        return None
    calls, texts = values.pop("calls"), values.pop("texts")
    return NumberSpec(
        name=name.text,
        calls_open=calls["open"],
        calls_closed=calls["closed"],
        texts_open=texts["open"],
        texts_closed=texts["closed"],
        at=name.at,
        **values,
    )


# ---------------------------------------------------------------- boxes and plans

_BOX = Shape(
    "a voicemail box",
    (
        Field("greeting", GREETING, "what callers hear: {say: …} or {play: FILE}"),
        Field("notify", NAMES, "who is told of a message", default=()),
        Field("max", DURATION, "how long a message may be; else 2m"),
        Field("transcribe", YES_NO, "whether messages are written out", default=False),
        Field("private", YES_NO, "keep names and numbers out of notices", default=False),
        Field(
            "address",
            text(pattern=fragments.BOX_ADDRESS),
            "a mail address that gets the messages; for calls over SIP the sip: address of the box",
        ),
        _LANGUAGE,
        Field("keep", DURATION, "how long messages are kept"),
        Field("delete_at_provider", YES_NO, "delete the provider's copy of a message once it is here", default=False),
    ),
)


BOX_FRAGMENT = _BOX.fragment()


def box(name: Scalar, node: Node, report: Report) -> BoxSpec | None:
    """Read one entry of `voicemail:`."""
    values = _BOX.read(name.text, node, report)
    if values is None:
        return None
    values["max"] = values["max"] or Seconds(120, name.at)
    return BoxSpec(name=name.text, at=name.at, **values)


_PLAN = Shape(
    "a plan",
    (
        Field("calls", CALL_STEPS, "what happens to calls"),
        Field("texts", TEXT_BLOCK, "what happens to texts"),
    ),
)


PLAN_FRAGMENT = {**_PLAN.fragment(), "minProperties": 1}


def plan(name: Scalar, node: Node, report: Report) -> PlanSpec | None:
    """Read one entry of `plans:`."""
    values = _PLAN.read(name.text, node, report)
    if values is None:
        return None
    if isinstance(node, Mapping) and not node.entries:
        report(wrong_shape(name.text, "what happens to calls, to texts, or to both", node))
    return PlanSpec(name=name.text, at=name.at, **values)
