"""What teammates read: of a customer only what they may see, of a colleague only the name; never a number that can be dialled."""

from collections.abc import Sequence
from functools import lru_cache

from rules.book import Number, RuleBook
from rules.callers import Caller
from rules.masked import shown
from rules.relay.conversation import Conversation
from rules.source import printable

HINT = (
    "(This may mean: no more texts. A wish in their own words counts like STOP, so please do not write to them again; "
    "if they write STOP, switchhook sees to it.)"
)


def name_of(book: RuleBook, caller: Caller) -> str:
    """
    Return how teammates see *caller*: the number with its middle hidden, and groups of the rule file.

    With `teammate_sees: business` there is no number at all.
    """
    match caller.cls:
        case "number" | "unrecognised" | "teammate" | "own-number":
            hidden = book.teammate_sees == "business"
            digits = "".join(char for char in caller.e164 or caller.raw if char.isdigit())
            name = "a customer" if hidden else shown("+" if caller.e164 else "", digits)
        case "anonymous":
            name = "a withheld number"
        case _:
            name = printable(caller.raw)[:40]
    groups = [group for group in caller.groups if ".rules." not in group]  # callers written in place have no name
    return f"{name} ({', '.join(groups)})" if groups else name


def delivery(
    text: str, *, name: str, tag: int | None, number: str | None, links: Sequence[str], copy: bool, notes: Sequence[str]
) -> str:
    """
    Return what a teammate reads when a customer has written *text*.

    *tag* and *number* (ours, by name) stand there if the person needs them to tell one from another. *links* lead to pictures.
    """
    marks = [f"#{tag}"] if tag is not None else []
    marks += ["copy"] if copy else []
    marks += [f"{number},"] if number else []
    lines = [f"{' '.join((*marks, name))}: {readable(text)}".rstrip(), *links, *notes]
    return "\n".join(line for line in lines if line)


@lru_cache(maxsize=8)
def readable(text: str) -> str:
    """Return a text without what a screen would obey or hide; its lines stay. The same goes to several people."""
    return "\n".join(printable(line) for line in text.splitlines())


def answered_by(title: str, name: str) -> str:
    """Tell the others, once, that somebody has answered."""
    return f"{title} has answered {name}."


def moved(conversation: Conversation, *, name: str, tag: int, owner: str | None, person: str) -> str:
    """Tell somebody why their reply was not sent: *owner* (by title) has the conversation now, or it is over."""
    about = f"#{tag} {name}"
    if conversation.closed is not None:
        return f"Not sent: {about} wants no more texts from this number."
    if owner is not None and conversation.owner != person:
        return f"Not sent: {owner} has answered {about}."
    party = conversation.party(person)
    if party is not None and not party.open:
        return f"Not sent: {about} is not yours to answer; you were shown it only, or somebody else has it now."
    return f"Not sent: the conversation with {about} is over. It begins again when they write."


def ask(choices: Sequence[tuple[int, str, str]], tag: int | None) -> str:
    """Ask which of *choices* (tag, name, topic) a reply is for; nothing is ever guessed."""
    first = f"There is no #{tag}." if tag is not None else "Not sent yet: whom is it for?"
    if not choices:
        return f"{first} No conversation is open with you here; nothing was sent."
    lines = [f"#{number} {name} about: {topic}" for number, name, topic in choices]
    return "\n".join((f"{first} Please write it again, beginning with one of these:", *lines))


def elsewhere(tag: int, name: str, number: str) -> str:
    """Say that a conversation goes through another number of ours."""
    return f"Not sent: #{tag} {name} goes through {number}. Please answer where that text came from."


def wordless(tag: int) -> str:
    """Say that only a tag was written."""
    return f"Not sent: please write your words behind #{tag}, in one text."


def nothing(business: str) -> str:
    """Explain to a teammate who texts us, and has no conversation open, what this number does."""
    return (
        f"Nothing was sent: no customer's text is open with you at this number. When one reaches you from here, answer it here; "
        f"the customer sees {business} only. Commands: away, back, override."
    )


def switched_off(business: str) -> str:
    """Say that replies from the mobile are switched off."""
    return f"Nothing was sent: {business} does not use replies from the mobile. Please call the customer instead."


def unanswerable(name: str) -> str:
    """Say that a customer cannot be texted at all."""
    return f"Not sent: {name} cannot be texted from here."


def opted_out(name: str) -> str:
    """Say that a customer has opted out."""
    return f"Not sent: {name} wants no texts from this number. Only they can change that, by writing START."


def opted(word: str, name: str, number: str) -> str:
    """Show the team that a customer wrote STOP or START: an event, not a message."""
    if word == "stop":
        return f"{name} wrote STOP to {number}: nothing more is texted to them from there."
    return f"{name} wrote START to {number}: they may be texted from there again."


def yours_now(title: str, name: str, tag: int, topic: str) -> str:
    """Tell somebody that a conversation of a colleague who has left is theirs."""
    return f"{title} has left; you have this conversation now: #{tag} {name} about: {topic}"


def waiting(name: str, number: str, target: str, since: str) -> str:
    """Tell that a text has been waiting for days."""
    return f"A text from {name} to {number} has been waiting for {target} since {since}. `switchhook outbox list` shows it."


def footer(number: Number, *, may_reply: bool) -> str:
    """Say under a mail how a text can be answered."""
    if may_reply:
        return f"Answer by text, from your mobile to {number.e164}. Mails are not forwarded."
    return "This mail cannot be answered."
