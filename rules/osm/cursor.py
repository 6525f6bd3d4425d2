"""Goes through the words of an opening_hours text, and says what is wrong where a word does not fit."""

import attrs

from rules.osm.tokens import RefusalError, Token, misplaced, tokens


@attrs.define
class Cursor:
    """Stands before one word of a text."""

    words: list[Token]
    at: int = 0

    @classmethod
    def over(cls, text: str) -> "Cursor":
        """Stand at the beginning of *text*."""
        return cls([*tokens(text), Token("end", "", len(text.rstrip()), 1, False)])

    @property
    def now(self) -> Token:
        """The word to be read next."""
        return self.words[self.at]

    @property
    def after(self) -> Token:
        """The word after that."""
        return self.words[min(self.at + 1, len(self.words) - 1)]

    @property
    def before(self) -> Token:
        """The word read last."""
        return self.words[max(self.at - 1, 0)]

    def ended(self) -> bool:
        """Say whether the rules up to a semicolon, or the text, are read."""
        return self.now.kind == "end" or self.now.text == ";"

    def take(self, kind: str) -> Token:
        """Read a word of *kind*."""
        token = self.now
        if token.kind != kind:
            raise self.unexpected()
        self.at += 1
        return token

    def sign(self, sign: str) -> bool:
        """Read *sign* if it stands here."""
        if self.now.text != sign:
            return False
        self.at += 1
        return True

    def number(self, least: int, most: int, message: str, hint: str) -> int:
        """Read a number between *least* and *most*."""
        token = self.take("number")
        if len(token.text) > 4 or not least <= int(token.text) <= most:
            raise token.refuse(message, hint, "impossible-date")
        return int(token.text)

    def comma(self, *kinds: str) -> bool:
        """Read the comma of a list that goes on with one of *kinds*; a space behind it would begin a second rule."""
        if self.now.text != "," or self.after.kind not in kinds:
            return False
        if self.after.spaced:
            message = "the space after this comma begins a second rule, and the first one is open all day"
            hint = f"write {self.before.text},{self.after.text} without the space"
            raise self.now.refuse(message, hint)
        self.at += 1
        return True

    def step(self) -> str:
        """Read `/2`."""
        if not self.sign("/"):
            return ""
        return f"/{self.number(1, 60, 'this step leads nowhere', 'write /2 for every second one')}"

    def shift(self) -> int:
        """Read ` +1 day`; 0 when it does not stand here."""
        third = self.words[min(self.at + 2, len(self.words) - 1)]
        if self.now.text not in {"+", "-"} or self.after.kind != "number" or third.kind != "days":
            return 0
        sign = -1 if self.now.text == "-" else 1
        self.at += 1
        days = self.number(1, 366, "this is too far away", "write the date itself")
        self.at += 1
        return sign * days

    def unexpected(self) -> RefusalError:
        """Refuse the word that stands here."""
        if self.now.kind == "end":
            return self.now.refuse("something is missing at the end", "write hours such as Mo-Fr 09:00-17:00")
        if self.now.text == ";":
            return self.now.refuse("a rule is missing before this semicolon", "write the rule, or remove the semicolon")
        if self.at and self.before.kind == "times" and self.now.kind == "times":
            hint = f"write {self.before.text},{self.now.text}"
            return self.now.refuse("hours of one day are separated by commas", hint)
        if self.at and self.before.kind == "times" and self.now.text == "/":
            return self.now.refuse("'/' after hours lists points in time", "leave it out")
        return misplaced(self.now)


def shifted(days: int) -> str:
    """Write a shift as the notation does."""
    return f" {days:+d} day{'s' if abs(days) > 1 else ''}" if days else ""
