"""A message as a letter (RFC 5322): headers nobody can add to, words of any language, an id by which a repeat is known."""

import re
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256

from router.outbox.message import Message
from router.sending import MailServer

LONGEST_SUBJECT = 200

_ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"  # RFC 5322 section 3.2.3
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_LONGEST_ADDRESS = 254

# What ends a header or a line somewhere, what a terminal obeys, and what turns the direction of writing around.
_UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_UNWANTED_IN_BODY = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_POLICY = SMTP.clone(linesep="\n", cte_type="7bit")  # who sends makes CRLF of each LF; no server need know 8BITMIME


def can_be_written_to(address: str) -> bool:
    """Say whether *address* is one that no server misreads: plain letters, no quotes, no comments."""
    return len(address) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(address) is not None


def letter(message: Message, server: MailServer, at: float) -> bytes:
    """
    Write *message* down, lines ending in LF; *at* is the moment (UTC epoch seconds).

    Its `media` stand as links behind the words, unless they stand there already.
    """
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address(_line(server.name), addr_spec=server.sender)
    mail["To"] = Address(addr_spec=message.to)
    mail["Subject"] = _line(message.subject or "")[:LONGEST_SUBJECT]
    mail["Date"] = datetime.fromtimestamp(int(at), UTC)
    mail["Message-ID"] = message_id(message.key, server.domain)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation notice answers it
    links = [link for link in message.media if link not in message.body]
    body = "\n".join([message.body, *([""] if links else []), *links])
    mail.set_content(_UNWANTED_IN_BODY.sub("", body.replace("\r\n", "\n").replace("\r", "\n")))
    return mail.as_bytes()


def message_id(key: str, domain: str) -> str:
    """Return the id of the letter for the message of *key*, each time the same."""
    return f"<{sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def _line(text: str) -> str:
    return _UNWANTED.sub(" ", text).strip()
