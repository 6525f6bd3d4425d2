"""Texts the rules ask for and nobody can send: to phones of teammates, or back to a caller."""

from rules.book import Number
from rules.findings.study import Study
from rules.relay.answering import texted_by_phone
from rules.source import Problem, Report

_WAY_OUT = {
    "twilio": "name the `account` of {provider}",
    "generic": "write under {provider} where texts are posted: `api: https://…`",
}
_ANOTHER = "give the number a provider of texts that sends: `provider: {{calls: {calls}, texts: …}}`"


def check_unsendable_texts(study: Study, report: Report) -> None:
    """Report each number that is to text people while its provider of texts sends none."""
    for name, number in study.book.numbers.items():
        written = study.spec.numbers[name].provider
        abilities = study.abilities.get(written.texts.text)
        wanted = "" if abilities is None or abilities.sends_texts else _wanted(study, number)
        if not wanted:
            continue
        provider = study.spec.providers[written.texts.text]
        hint = _WAY_OUT.get(provider.adapter.text, _ANOTHER).format(provider=provider.name, calls=written.calls.text)
        if not number.text_back:
            hint += "; or reach them by mail: `texts_by: [email]`"
        message = f"texts from '{name}' to {wanted} can never go out: {provider.name} sends none for us"
        report(Problem("texts-unsendable", message, written.texts.at, hint, "warning"))


def _wanted(study: Study, number: Number) -> str:
    """Tell whom the number is to text; nothing when it is nobody."""
    people = ", ".join(texted_by_phone(study.book, number))
    return " and ".join(who for who in (people, number.text_back and "its callers") if who)
