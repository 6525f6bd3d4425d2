"""Names in a tests file: the people, boxes, rules and numbers of the book it is for."""

from collections.abc import Iterable

import attrs

from rules.book import Number, RuleBook
from rules.callers import CLASSES
from rules.cases.case import Want
from rules.cases.coverage import known_rules
from rules.decode import quote
from rules.source import Problem, Report, closest
from rules.spec import Word

MOST_LISTED = 12


@attrs.frozen
class Names:
    """The names of *book*, and what is said when one is not among them."""

    book: RuleBook
    report: Report
    rules: tuple[str, ...] = attrs.field(init=False)

    @rules.default
    def _rules(self) -> tuple[str, ...]:
        return known_rules(self.book)

    def want(self, named: str | None, want: Want) -> None:
        """Report every name of *want* that nobody has; *named* says whose names may stand there."""
        directory, boxes = self.book.directory, self.book.boxes
        for word in want.words:
            match named:
                case "person":
                    self._known(word, directory.people, "person")
                case "box":
                    self._known(word, boxes or ("voicemail",), "voicemail box")
                case "rule":
                    self._known(word, self.rules, "rule")
                case "target":
                    self._known(word, (*directory.people, *directory.teams), "person or team")
                case "targets":
                    for part in word.text.split(", "):
                        self._known(Word(part, word.at), (*directory.people, *directory.teams), "person or team")

    def override(self, word: Word) -> None:
        """Report what nobody can switch on."""
        self._known(word, ("open", "closed", *self.book.common.plans), "plan")

    def number(self, word: Word, *, refused: bool) -> Number | None:
        """Return the number *word* means; that it is none of ours is reported, unless it is expected to be *refused*."""
        found = self.book.numbers.get(word.text) or self.book.find(word.text)
        if found is None and not (refused and word.text.startswith("+")):
            self._known(word, self.book.numbers, "number")
        return found

    def caller(self, word: Word) -> None:
        """Report a caller who is written by a name of the rules: calls come from numbers."""
        if word.text in self.book.numbers:
            hint = f"write {self.book.numbers[word.text].e164}"
        elif word.text in self.book.directory.people:
            hint = "write the number of one of the phones"
        elif word.text in self._groups():
            hint = "write a number that belongs to it"
        else:
            return
        self.report(Problem("unknown-name", f"{quote(word.text)} is a name of the rules, no caller", word.at, hint))

    def hop(self, text: str) -> str:
        """Return the number a call was forwarded from: one of ours by name, or any number."""
        ours = self.book.numbers.get(text)
        return ours.e164 if ours else text

    def _groups(self) -> set[str]:
        """Return the groups and kinds of caller that rules ask for; `anonymous` is also what providers write."""
        rules = (rule for number in self.book.numbers.values() for rule in number.rules)
        asked = {question for rule in rules for choice in rule.conditions for question in choice}
        groups = {question.removeprefix("from:") for question in asked if question.startswith("from:")}
        return (groups | CLASSES) - {"anonymous"}

    def _known(self, word: Word, names: Iterable[str], what: str) -> None:
        known = list(names)
        if word.text in known:
            return
        team = self.book.directory.teams.get(word.text)
        message, hint = f"no {what} is called {quote(word.text)}", self._hint(word.text, known)
        if what == "person" and team:
            message = f"{quote(word.text)} is a team, here stands a person"
            hint = f"name its people: {', '.join(team.members)}"
        self.report(Problem("unknown-name", message, word.at, hint))

    def _hint(self, text: str, known: list[str]) -> str | None:
        meant = closest(text, known)
        if meant:
            return f"did you mean '{meant}'?"
        return f"there are: {', '.join(known)}" if 0 < len(known) <= MOST_LISTED else None
