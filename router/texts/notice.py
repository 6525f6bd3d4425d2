"""A notice: the same words to several of the team, by text or by mail."""

from collections.abc import Iterable

from router.outbox.message import Medium
from router.texts.case import Case, Ready
from router.texts.posting import Envelopes
from rules.relay import words


def notice(case: Case, people: Iterable[str], text: str, subject: str, avoiding: Medium | None = None) -> Ready:
    """Write *text* to *people* (by name), to each of whom there is a way; *avoiding* one that does not work just now."""
    envelopes = Envelopes(case.effect.key, case.effect.about, case.number, case.opted_out)
    footer = words.footer(case.number, may_reply=False)
    for name in people:
        person = case.person(name)
        assert person is not None  # whoever has a way is there
        lane = f"{case.number.name}|{name}"
        envelopes.to_person(person, "notice", text, lane=lane, subject=subject, footer=footer, avoiding=avoiding)
    return Ready(tuple(envelopes.filled))
