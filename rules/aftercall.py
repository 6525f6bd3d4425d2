"""
What teammates read after a call: whom nobody answered, and messages that were left.

In the words of a private box there is no number, no name, nothing of what was said: texts and mails pass through many hands.
"""

from collections.abc import Sequence

from rules.source import printable

LONGEST_TRANSCRIPT = 1000
"""Characters of a transcript in a notice; the rest stands in the audit."""

Rung = Sequence[tuple[str, int]]
"""Who was rung, as people are called, and for how many seconds."""


def missed(name: str, number: str, when: str, rung: Rung, *, hung_up: bool, message: bool) -> str:
    """Tell of a call to our *number* (by name) that nobody answered; *name* is the caller as the reader may see them."""
    end = "then the caller hung up" if hung_up else "nobody answered"
    left = " A message was left." if message else ""
    return f"Missed call from {name} to {number}, {when}. {_tried(rung)}; {end}.{left}"


def message(
    name: str, number: str, when: str, rung: Rung, *, seconds: int, to_hear: str | None, transcript: str | None
) -> str:
    """Tell of a message of *seconds* (0: unknown); *to_hear* says how it is heard, *transcript* what was said in it."""
    long = f", {seconds} s long" if seconds else ""
    lines = [f"New message from {name} to {number}, {when}{long}."]
    lines += [f"{_tried(rung)}; nobody answered."] if rung else []
    lines += [f"Transcript (by a machine): {_readable(transcript)}"] if transcript else []
    lines += [to_hear] if to_hear else []
    return "\n".join(lines)


def private_message(box: str) -> str:
    """Tell of a message in a private box, and of nothing else."""
    return f"A new message is waiting in {box}."


def private_missed(number: str) -> str:
    """Tell of a missed call to a number whose calls end in a private box, and of nothing else."""
    return f"A call to {number} was missed."


def to_hear(message_id: str) -> str:
    """Say how a message that was kept is heard."""
    return f"To hear it: switchhook recording {message_id}"


def kept_elsewhere(message_id: str) -> str:
    """Say where a message is that whoever took the call keeps: an exchange, or a provider that was not reached."""
    return f"The recording is where the call was taken; switchhook audit show {message_id} tells more."


def _tried(rung: Rung) -> str:
    return "Rung: " + ", ".join(f"{title} {seconds} s" for title, seconds in rung)


def _readable(transcript: str) -> str:
    """Return a transcript in one line without what a screen would obey, shortened."""
    text = printable(" ".join(transcript.split()))
    return text if len(text) <= LONGEST_TRANSCRIPT else f"{text[:LONGEST_TRANSCRIPT]}…"
