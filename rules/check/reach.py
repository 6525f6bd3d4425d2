"""Who can be reached must have a phone, and a way for texts."""

from collections.abc import Callable, Iterable, Iterator

from rules.check.devices import is_sip
from rules.check.walk import told
from rules.source import Problem, Report
from rules.spec import FileSpec, PersonSpec, RingSpec, Word


def reachable(spec: FileSpec, first: Iterable[Word]) -> dict[str, Word]:
    """
    Return the people that *first* (people and teams) lead to, through teams, covers and handovers, each with what named them.

    Covers count whether or not an absence is written: one may be switched on at any time.
    """
    found: dict[str, Word] = {}
    seen: set[str] = set()
    waiting = list(first)
    while waiting:
        word = waiting.pop()
        if word.text in seen:
            continue
        seen.add(word.text)
        if word.text in spec.teams:
            waiting += spec.teams[word.text].members
        elif word.text in spec.people:
            person = spec.people[word.text]
            found[word.text] = word
            others = (person.cover, person.handover, *(absence.cover for absence in person.away))
            waiting += [other for other in others if other]
    return found


def check_devices_there(spec: FileSpec, report: Report) -> None:
    """Whoever a call can ring has a device; somebody with a `last_day` need not, for others take over."""
    rung = (word for step in spec.call_steps if isinstance(step, RingSpec) for word in step.targets)
    message = "calls can ring '{0}', who has no device"
    _report_lacking(spec, rung, lambda person: not person.devices, message, "no-device", report)


def check_text_ways(spec: FileSpec, report: Report) -> None:
    """Whoever a text can reach says how texts reach them."""
    message = "texts can reach '{0}', who has no `texts_by`"
    _report_lacking(spec, _text_targets(spec), lambda person: not person.texts_by, message, "no-texts-by", report)


def _text_targets(spec: FileSpec) -> Iterator[Word]:
    for block in spec.text_blocks:
        yield from (*block.targets, *block.copy)
        yield from block.urgent.targets if block.urgent else ()


def check_notices(spec: FileSpec, report: Report) -> None:
    """Whoever is told of missed calls and messages has a mail address or gets texts."""
    message = "'{0}' is told of missed calls and messages, but has neither `texts_by` nor `email`"
    texted = reachable(spec, _text_targets(spec))

    def unheard(person: PersonSpec) -> bool:
        return not person.texts_by and person.email is None and person.name not in texted

    _report_lacking(spec, told(spec), unheard, message, "no-texts-by", report)


def _report_lacking(
    spec: FileSpec,
    first: Iterable[Word],
    lacks: Callable[[PersonSpec], bool],
    message: str,
    code: str,
    report: Report,
) -> None:
    hints = {
        "no-device": 'add `devices: {{mobile: "+1 …"}}`; named at {0}',
        "no-texts-by": "add `texts_by: [sms]` or `texts_by: [email]`; named at {0}",
    }
    for name, named in reachable(spec, first).items():
        person = spec.people[name]
        if lacks(person) and person.last_day is None:
            report(Problem(code, message.format(name), person.at, hints[code].format(named.at)))


def check_text_channels(spec: FileSpec, report: Report) -> None:
    """`sms` needs a phone number, `email` an address."""
    for person in spec.people.values():
        for word in person.texts_by:
            if word.text == "sms" and all(is_sip(device.address.text) for device in person.devices):
                message = f"'{person.name}' gets texts by sms, but has no phone number"
                report(Problem("no-device", message, word.at, "add a mobile number to `devices`, or write email"))
            elif word.text == "email" and person.email is None:
                message = f"'{person.name}' gets texts by email, but has no `email`"
                report(Problem("missing-key", message, word.at, "add `email: name@example.com`"))
