"""Commands by text: what a teammate may switch from the mobile, and the words that tell what came of it."""

import attrs

from router.clock import Clock
from router.switchboard.chosen import chosen
from router.switchboard.pins import Proof
from router.switchboard.standing import Standing
from router.switchboard.switchboard import Switchboard
from router.switchboard.words import who_for
from rules.commands import Unclear, parse
from rules.explore import KINDS
from rules.pin import HIDDEN, split_pin
from rules.spoken import UnclearError
from rules.switching import Clear, ComeBack, Command, ShowAll

UNCHANGED = "Nothing was changed: "

UNPROVEN: dict[str, str] = {
    "missing": "a command needs your PIN, as its first word or its last: 1234 away mon 08:00. "
    "If this was for a customer, begin it with another word.",
    "wrong": "that is not your PIN.",
    "none": "you have no PIN. Whoever runs switchhook can give you one (pin: in your entry).",
    "too-many": "there were too many wrong PINs. Try again in an hour, or ask whoever runs switchhook.",
}


@attrs.frozen(eq=False)
class TextCommands:
    """Carries out what teammates ask for by text."""

    switchboard: Switchboard
    clock: Clock

    def command(self, person: str, text: str, at: int, *, proof: Proof, cause: str) -> str:
        """
        Do what *text* of *person*, received *at* (UTC epoch seconds), says; return the words of the answer.

        *proof* is what its PIN proved when it arrived. *cause* names the text: one that is carried out twice changes nothing
        more. The records of what was changed are written when this returns; who sends the words waits for the disk.
        """
        if proof != "good":
            return UNCHANGED + UNPROVEN[proof]
        book = self.switchboard.rules.current.book
        words = split_pin(text).text.replace(HIDDEN, " ")
        command = parse(words, person=person, book=book, now=at)
        if isinstance(command, Unclear):
            return f"{UNCHANGED}{command.why}."
        try:
            return self._carry_out(command, person, cause)
        except UnclearError as error:
            return f"{UNCHANGED}{error}."

    def _carry_out(self, command: Command, person: str, cause: str) -> str:
        match command:
            case ComeBack():
                return self._back(person)
            case Clear(target=target):
                return self._clear(target, person)
            case ShowAll():
                lines = [f"{each['id']}: {each['told']}" for each in self.switchboard.listed()]
                return "\n".join(lines) or "Nothing is switched on."
        done = self.switchboard.set(command, by=person, cause=cause)
        return "\n".join((f"Done: {done.lines[0]}", *done.lines[1:]))

    def _clear(self, target: str, person: str) -> str:
        found = chosen(self.switchboard.register, target)
        told = [self.switchboard.headline(each) for each in found]
        self.switchboard.cancel(found, by=person)
        return "\n".join(("Ended:", *told))

    def _back(self, person: str) -> str:
        now = self.clock.now()
        mine = [each for each in self.switchboard.register.newest_first() if each.person == person]
        ended = [each for each in mine if each.in_force(now)]
        if ended:
            self.switchboard.cancel(ended, by=person)
        lines = ["Done: your absence has ended." if ended else "You were not switched away."]
        return "\n".join((*lines, self._presence(person), *self._planned(mine)))

    def _presence(self, person: str) -> str:
        """Tell who gets what is meant for *person* now: the file or a calendar may still say that they are away."""
        timetable, at = self.switchboard.rules.current.timetable, int(self.clock.now())
        found = {who_for(person, kind, timetable, at): kind for kind in KINDS}
        return "; ".join(
            f"{'calls and texts' if len(found) == 1 else f'{kind}s'} for you now go to {who}"
            for who, kind in found.items()
        )

    def _planned(self, mine: list[Standing]) -> list[str]:
        now = self.clock.now()
        later = [each for each in mine if each.since > now]
        return [f"Still planned: {self.switchboard.headline(each)} (override clear {each.id})" for each in later]
