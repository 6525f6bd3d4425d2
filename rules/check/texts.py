"""What is said and written by itself: fields that exist, no private number, words that can be heard."""

import re
from collections.abc import Iterator

from rules.check.devices import dialled, each_device, is_sip
from rules.check.walk import region
from rules.decode import quote
from rules.phone import e164
from rules.source import Mark, Problem, Report, closest
from rules.spec import FileSpec, PlaySpec, SaySpec, Word
from rules.words import Words

FIELDS = ("next_open", "business", "caller")
_FIELD = re.compile(r"\{([^{}]*)\}|[{}]")
_NUMBER = re.compile(r"[+(]?[0-9][0-9 ().\u2011-]{5,}[0-9]")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_MAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def templates(spec: FileSpec) -> Iterator[Word]:
    """Yield each text that is said or sent by itself."""
    yield from (step.text for step in spec.call_steps if isinstance(step, SaySpec))
    yield from (box.greeting.text for box in spec.boxes.values() if isinstance(box.greeting, SaySpec))
    yield from (block.reply for block in spec.text_blocks if block.reply)
    for number in spec.numbers.values():
        if number.missed and number.missed.text_back:
            yield number.missed.text_back
    yield from (word for word in (spec.replies.stop, spec.replies.start, spec.replies.help) if word)


def check_fields(spec: FileSpec, report: Report) -> None:
    """A text in which something is filled in names only what there is."""
    for word in templates(spec):
        if "{" in word.text or "}" in word.text:
            for problem in _misnamed(word):
                report(problem)
    said = spec.failsafe.say
    if said and "{" in said.text:
        message = "what is said in trouble is fixed; nothing can be filled in"
        report(Problem("unknown-field", message, said.at, "remove the {…}"))


def _misnamed(word: Word) -> Iterator[Problem]:
    for found in _FIELD.finditer(word.text):
        name = found[1]
        if name is None:
            yield Problem("unknown-field", f"a single {found[0]} stands in this text", word.at, "remove it")
        elif name not in FIELDS:
            near = closest(name, list(FIELDS))
            hint = f"did you mean {{{near}}}?" if near else "there are: {next_open}, {business}, {caller}"
            yield Problem("unknown-field", f"there is nothing to fill in for {quote(found[0])}", word.at, hint)


def check_private_numbers(spec: FileSpec, report: Report) -> None:
    """No text tells a customer the number of a teammate's phone."""
    home = region(spec)
    private: dict[str, Mark] = {}
    for _, device in each_device(spec):
        number = dialled(device.address, home)
        if number:
            private[number] = device.address.at
    said = (spec.failsafe.say,) if spec.failsafe.say else ()
    for word in (*templates(spec), *said):
        for found in _NUMBER.finditer(word.text):
            number = e164(found[0], home)
            if number in private:
                message = "this text tells everybody the number of a teammate's own phone"
                hint = f"the phone is at {private[number]}; write the business number"
                report(Problem("private-number", message, word.at, hint))


def check_words(spec: FileSpec, report: Report) -> None:
    """A word to listen for has a letter or digit."""
    words = [word for number in spec.numbers.values() for rule in number.rules for word in rule.words]
    words += [word for block in spec.text_blocks if block.urgent for word in block.urgent.words]
    for word in words:
        if not any(char.isalnum() for char in word.text):
            message = f"{quote(word.text)} has no letter or digit, so no text can hold it as a word"
            report(Problem("bad-value", message, word.at, "write a whole word"))


def check_languages(spec: FileSpec, report: Report) -> None:
    """Languages are BCP 47 tags."""
    words = [spec.business.language, *(number.language for number in spec.numbers.values())]
    words += [box.language for box in spec.boxes.values()]
    for word in words:
        if word and not _LANGUAGE.fullmatch(word.text):
            report(Problem("bad-value", f"{quote(word.text)} is no language", word.at, "write en-US, de or fr-CA"))


def check_mail_addresses(spec: FileSpec, report: Report) -> None:
    """Mail addresses look like mail addresses."""
    boxes = [box.address for box in spec.boxes.values() if box.address and not is_sip(box.address.text)]
    for word in (*(person.email for person in spec.people.values()), *boxes):
        if word and not _MAIL.fullmatch(word.text):
            message = f"{quote(word.text)} is no mail address"
            report(Problem("bad-value", message, word.at, "write name@example.com"))


def check_calendars(spec: FileSpec, report: Report) -> None:
    """A calendar is an https address, or a secret one kept outside; what titles must have are words."""
    for person in spec.people.values():
        if person.calendar is None:
            continue
        word = person.calendar.url
        if not re.fullmatch(r"env:[A-Za-z_][A-Za-z0-9_]*|file:.+|https://[^\s/]+/\S*", word.text):
            hint = "write an https:// address, or env:NAME or file:PATH if it is secret"
            if word.text.startswith("webcal://"):
                hint = "write https:// instead of webcal://"
            report(Problem("bad-value", f"`calendar` of '{person.name}' is no address of a calendar", word.at, hint))
        for phrase in person.calendar.match:
            if Words.of([phrase.text]) == Words.of([]):
                message = f"{quote(phrase.text)} has no letter or digit, so no title can hold it as a word"
                report(Problem("bad-value", message, phrase.at, "write a word, such as `vacation`"))


def check_sound_files(spec: FileSpec, report: Report) -> None:
    """Sound comes from a file or an https address."""
    steps = [*spec.call_steps, *(box.greeting for box in spec.boxes.values())]
    for step in steps:
        source = step.source if isinstance(step, PlaySpec) else None
        if source and "://" in source.text and not source.text.startswith("https://"):
            hint = "write an https:// address, or the name of a file"
            report(Problem("bad-value", f"sound cannot come from {quote(source.text)}", source.at, hint))
