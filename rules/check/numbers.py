"""Business numbers: possible numbers, each given once; what is said of them can happen."""

from phonenumbers import SUPPORTED_REGIONS

from rules.check.devices import spelling_problem
from rules.check.walk import region, rung
from rules.decode import quote
from rules.phone import e164
from rules.source import Problem, Report, closest
from rules.spec import FileSpec, NumberSpec

_SLIPS = {"UK": "GB", "EN": "GB", "USA": "US"}


def check_own_numbers(spec: FileSpec, report: Report) -> None:
    """Every business number is a possible number, and stands once."""
    home = region(spec)
    seen: dict[str, NumberSpec] = {}
    for number in spec.numbers.values():
        text = number.number.text
        canonical = e164(text, home)
        if canonical is None or len(canonical) < 9:
            problem = spelling_problem(number.number, home)
            if problem:
                report(problem)
                continue
        first = seen.setdefault(canonical or text.casefold(), number)
        if first is not number:
            hint = f"it is the number of '{first.name}' at {first.number.at}"
            report(Problem("number-twice", "this number stands here a second time", number.number.at, hint))


def check_via(spec: FileSpec, report: Report) -> None:
    """`via` names one of our numbers, or any number a call may be forwarded from."""
    home = region(spec)
    for number in spec.numbers.values():
        for rule in number.rules:
            for word in rule.via:
                if word.text not in spec.names["numbers"] and e164(word.text, home) is None:
                    hint = "write a number with +, or the name of one of your numbers"
                    report(Problem("bad-number", f"{quote(word.text)} is no number", word.at, hint))


def check_preferences(spec: FileSpec, report: Report) -> None:
    """Whoever spoke with a caller can be preferred only where somebody is rung."""
    for number in spec.numbers.values():
        if number.prefer and not any(rung(spec, number)):
            message = f"`prefer` never counts: nobody is rung on {number.name}"
            report(Problem("never-used", message, number.prefer.at, "ring somebody, or remove it", "warning"))


def check_countries(spec: FileSpec, report: Report) -> None:
    """`safety.countries` are codes of countries."""
    for word in spec.safety.countries or ():
        if word.text not in SUPPORTED_REGIONS:
            meant = _SLIPS.get(word.text.upper()) or closest(word.text, sorted(SUPPORTED_REGIONS))
            hint = f"did you mean '{meant}'?" if meant else "write two letters, such as US, CA or GB"
            report(Problem("unknown-name", f"no country has the code {quote(word.text)}", word.at, hint))
