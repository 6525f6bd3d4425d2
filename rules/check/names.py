"""Names: every person, team, schedule, box, provider, group and plan that is named must be there."""

from collections.abc import Iterable

import attrs

from rules.callers import CLASSES
from rules.check.walk import told
from rules.decode import quote
from rules.source import Mark, Problem, Report, closest
from rules.spec import AbsenceSpec, FileSpec, PersonSpec, RingSpec, VoicemailStepSpec, Word

MOST_SUGGESTIONS = 25
"""How often a similar name is looked for: it is slow among ten thousand names, and who mistypes more has another problem."""

_CALLED = {
    "people": "person",
    "teams": "team",
    "schedules": "schedule",
    "voicemail": "voicemail box",
    "providers": "provider",
    "callers": "group of callers",
    "numbers": "number",
    "plans": "plan",
}


@attrs.define
class Names:
    """All names of a file, and what to say when one is not among them."""

    names: dict[str, dict[str, Mark]]
    report: Report
    suggested: int = 0

    def expect(self, words: Iterable[Word | None], *sections: str) -> None:
        """Report each of *words* that is no name of *sections*."""
        known = [self.names[section] for section in sections]
        for word in words:
            if word is None or word.text in known[0] or (len(known) > 1 and word.text in known[1]):
                continue
            self.report(self.unknown(word, sections))

    def unknown(self, word: Word, sections: tuple[str, ...]) -> Problem:
        """Say that *word* is none of *sections*, and which name may be meant."""
        what = " or ".join(_CALLED[section] for section in sections)
        for section, names in self.names.items():
            if word.text in names:
                message = f"{quote(word.text)} is a {_CALLED[section]}, here stands a {what}"
                return Problem("unknown-name", message, word.at, f"it is defined at {names[word.text]}")
        known = {name: at for section in sections for name, at in self.names[section].items()}
        return Problem("unknown-name", f"no {what} is called {quote(word.text)}", word.at, self._hint(word.text, known))

    def _hint(self, text: str, known: dict[str, Mark]) -> str | None:
        self.suggested += 1
        if self.suggested <= MOST_SUGGESTIONS:
            near = [name for name in known if abs(len(name) - len(text)) < 4]
            meant = closest(text, near)
            if meant:
                return f"did you mean '{meant}' ({known[meant]})?"
        return f"there are: {', '.join(known)}" if 0 < len(known) <= 12 else None


def check_names(spec: FileSpec, report: Report) -> None:
    """Report every name that nobody has."""
    names = Names(spec.names, report)
    for person in spec.people.values():
        _check_person(person, names)
    for team in spec.teams.values():
        names.expect(team.members, "people")
    people, teams = spec.names["people"], spec.names["teams"]
    for step in spec.call_steps:
        if isinstance(step, RingSpec):
            for word in step.targets:  # the most frequent of all names
                if word.text not in people and word.text not in teams:
                    names.expect([word], "people", "teams")
        elif isinstance(step, VoicemailStepSpec):
            names.expect([step.box], "voicemail")
    for block in spec.text_blocks:
        names.expect(block.targets + block.copy, "people", "teams")
        if block.urgent:
            names.expect(block.urgent.targets, "people", "teams")
    names.expect(told(spec), "people", "teams")
    names.expect([spec.failsafe.voicemail], "voicemail")
    _check_numbers(spec, names)


def _check_person(person: PersonSpec, names: Names) -> None:
    covers: list[AbsenceSpec | PersonSpec] = [person, *person.away]
    names.expect([each.cover for each in covers] + [person.handover], "people", "teams")
    if isinstance(person.hours, Word):
        names.expect([person.hours], "schedules")


def _check_numbers(spec: FileSpec, names: Names) -> None:
    groups, boxes, schedules = (names.names[section] for section in ("callers", "voicemail", "schedules"))
    for number in spec.numbers.values():
        provider = number.provider
        names.expect((provider.calls, *provider.also_from), "providers")
        if provider.texts is not provider.calls:
            names.expect([provider.texts], "providers")
        if number.voicemail and number.voicemail.text not in boxes:
            names.expect([number.voicemail], "voicemail")
        if isinstance(number.hours, Word) and number.hours.text not in schedules:
            names.expect([number.hours], "schedules")
        for rule in number.rules:
            if rule.when and rule.when.text not in ("open", "closed"):
                names.expect([rule.when], "schedules")
            for word in rule.callers:
                if word.text not in groups and _is_word(word.text):
                    names.expect([word], "callers")


def _is_word(text: str) -> bool:
    """Say whether *text* can only be the name of a group: no number, pattern, address or kind of caller."""
    word = text.casefold()
    return word[:1].isalpha() and word not in CLASSES and not word.startswith(("sip:", "sips:", "tel:"))


def check_one_meaning(spec: FileSpec, report: Report) -> None:
    """A person and a team of one name could not be told apart where one of them is rung."""
    for name, at in spec.names["teams"].items():
        if name in spec.names["people"]:
            hint = f"the person is at {spec.names['people'][name]}; rename one of them"
            report(Problem("name-twice", f"{quote(name)} is also a person", at, hint))
