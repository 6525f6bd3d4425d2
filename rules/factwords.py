"""The few words in which facts of two rule files are told."""

from collections.abc import Iterable, Iterator

from rules.spec import Secret, Word

Facts = Iterator[tuple[str, str]]
"""What a fact is about, and what it is."""

NOTHING = "nothing"


def listed(words: Iterable[str]) -> str:
    """Tell several in one line."""
    return ", ".join(words) or NOTHING


def texts(words: Iterable[Word]) -> list[str]:
    """Return what is written."""
    return [word.text for word in words]


def text_of(word: Word | None) -> str:
    """Return what is written, if anything is."""
    return word.text if word else NOTHING


def account(written: Secret | Word | None) -> str:
    """Tell where a secret is read from, never what it is; another word is told as it is."""
    return f"{written.source}:{written.name}" if isinstance(written, Secret) else text_of(written)
