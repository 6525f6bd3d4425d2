"""What is said about sending: the mail server, web hooks, the provider's address."""

import re

from rules.check.ops import LISTENER, LOOPBACK, url_trouble
from rules.decode import quote
from rules.fragments import SENDER
from rules.source import Problem, Report
from rules.spec import FileSpec


def check_apis(spec: FileSpec, report: Report) -> None:
    """The address texts are sent to is https, or http on this machine; only who has an account has a key for it."""
    for provider in spec.providers.values():
        if provider.api is not None and (trouble := url_trouble(provider.api)):
            message = f"`api` of '{provider.name}' {trouble}"
            example = (
                "https://pbx.example.com/texts" if provider.adapter.text == "generic" else "https://api.twilio.com"
            )
            report(Problem("bad-value", message, provider.api.at, f"write {example}, or leave it out"))
        if provider.api_key is not None and provider.adapter.text == "generic":
            message = f"`api_key` belongs to an account at a provider; '{provider.name}' is generic, its `secret` signs"
            report(Problem("bad-value", message, provider.api_key.at, "remove it"))


def check_mail(spec: FileSpec, report: Report) -> None:
    """The mail server is `HOST:PORT`; a password has its user, and never crosses a network in the clear."""
    mail = spec.mail
    if mail is None:
        return
    found = LISTENER.fullmatch(mail.server.text)
    host = found["host"] if found else None
    if found is None or host is None or not 0 < int(found["port"]) <= 65535:
        message = f"{quote(mail.server.text)} is no mail server we could reach"
        report(Problem("bad-value", message, mail.server.at, "write smtp.example.com:587"))
    elif mail.tls == "none" and host.strip("[]") not in LOOPBACK:
        message = "mail would cross the network for everybody to read"
        hint = "write `tls: starttls` or `tls: implicit`; none is for a server on this machine"
        report(Problem("mail-in-the-clear", message, mail.server.at, hint, "error" if mail.password else "warning"))
    if (mail.user is None) != (mail.password is None):
        missing = "user" if mail.user is None else "password"
        report(Problem("missing-key", f"`mail` has no `{missing}`", mail.at, "both are needed to log in, or neither"))
    if not re.fullmatch(SENDER, mail.sender.text):
        message = f"{quote(mail.sender.text)} is no mail address that can be sent from"
        report(Problem("bad-value", message, mail.sender.at, "write phone@example.com"))


def check_webhooks(spec: FileSpec, report: Report) -> None:
    """A web hook goes to an https address, or http on this machine."""
    for hook in spec.webhooks.values():
        trouble = url_trouble(hook.url, query=True)
        if trouble:
            report(
                Problem(
                    "bad-value", f"`url` of '{hook.name}' {trouble}", hook.url.at, "write https://crm.example.com/hook"
                )
            )
