"""What the rules ask of a provider and it cannot do: show the caller's number, ask for the key 1, speak."""

from collections.abc import Iterator

from rules.check.reach import reachable
from rules.check.walk import call_steps, rung
from rules.findings.study import Study
from rules.source import Mark, Problem, Report
from rules.spec import NumberSpec, PlaySpec, SaySpec


def check_providers(study: Study, report: Report) -> None:
    """Report, for each provider of calls, what it cannot do and the rules ask for."""
    for name, numbers in _by_provider(study).items():
        abilities = study.abilities.get(name)
        if abilities is None:
            continue
        at = numbers[0].provider.calls.at
        if not abilities.passes_caller_id and study.book.teammate_sees == "caller":
            message = f"teammates see the business number and not the caller's: {name} cannot pass it on"
            hint = "write `teammate_sees: business` under defaults if that is fine"
            report(Problem("caller-id-degraded", message, at, hint, "warning"))
        asking = [] if abilities.screens else list(_asking(study, numbers))
        if asking:
            message = (
                f"{name} cannot ask for the key 1, so a mailbox that answers may swallow calls to {', '.join(asking)}"
            )
            hint = "use `sip:` phones, a provider that can ask, or write `press_1: never` where that is fine"
            report(Problem("press-1-unsupported", message, at, hint, "warning"))


def check_announcements(study: Study, report: Report) -> None:
    """Report each thing that is to be said or played to callers of a provider that can do neither, once."""
    for at, (provider, numbers) in _unheard(study).items():
        message = f"callers of {', '.join(numbers)} do not hear this: {provider} can only send a call somewhere else"
        hint = "leave it out, or have the phone system say it"
        report(Problem("announcement-unsupported", message, at, hint, "warning"))


def _unheard(study: Study) -> dict[Mark, tuple[str, list[str]]]:
    """Return where something is to be said or played that nobody hears: by which provider, on which numbers."""
    found: dict[Mark, tuple[str, list[str]]] = {}
    for name, number in study.spec.numbers.items():
        provider = number.provider.calls.text
        abilities = study.abilities.get(provider)
        if abilities is None or abilities.speaks:
            continue
        for step in call_steps(study.spec, number):
            if isinstance(step, SaySpec | PlaySpec):
                found.setdefault(step.at, (provider, []))[1].append(f"'{name}'")
    return found


def _by_provider(study: Study) -> dict[str, list[NumberSpec]]:
    """Return the numbers whose calls ring somebody, by provider of calls."""
    found: dict[str, list[NumberSpec]] = {}
    for number in study.spec.numbers.values():
        if any(rung(study.spec, number)):
            found.setdefault(number.provider.calls.text, []).append(number)
    return found


def _asking(study: Study, numbers: list[NumberSpec]) -> Iterator[str]:
    """Yield each phone that must be asked for the key 1: `anna (mobile)`."""
    words = [word for number in numbers for word in rung(study.spec, number)]
    for name in reachable(study.spec, words):
        for device in study.book.directory.people[name].devices:
            if device.confirm:
                yield f"{name} ({device.name})"
