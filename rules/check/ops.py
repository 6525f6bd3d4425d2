"""What ops say: addresses to listen on, the address the providers know."""

import re
from ipaddress import ip_network
from urllib.parse import urlsplit

from rules.decode import quote
from rules.source import Mark, Problem, Report
from rules.spec import FileSpec, Word

LISTENER = re.compile(r"unix:(?P<path>\S.*)|(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(?P<port>[0-9]{1,5})")
_HOST = re.compile(r"[0-9a-f:.]+|[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_ADDRESS = re.compile(r"[!\"$-~]+")
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*/?")
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def check_listeners(spec: FileSpec, report: Report) -> None:
    """Every listener is `HOST:PORT` or `unix:PATH`, and no two are the same."""
    listen = spec.listen
    seen: dict[str, Mark] = {}
    for word in (listen.public, listen.admin, listen.metrics):
        if word is None:
            continue
        found = LISTENER.fullmatch(word.text)
        if found is None or int(found["port"] or 0) > 65535:
            hint = "write 127.0.0.1:8080, [::1]:8080 or unix:/run/switchhook.sock"
            report(Problem("bad-value", f"{quote(word.text)} is nothing to listen on", word.at, hint))
        elif word.text in seen and found["port"] != "0" and word is not listen.metrics:
            hint = "the public address must stand alone: admin and metrics are never public"
            report(Problem("bad-value", f"{quote(word.text)} is used twice", word.at, hint))
        seen.setdefault(word.text, word.at)
    if listen.metrics and listen.metrics.text == listen.public.text:
        hint = "the public address must stand alone: admin and metrics are never public"
        report(Problem("bad-value", f"{quote(listen.metrics.text)} is used twice", listen.metrics.at, hint))


def check_proxies(spec: FileSpec, report: Report) -> None:
    """Trusted proxies are addresses or networks."""
    for word in spec.listen.trusted_proxies:
        try:
            ip_network(word.text)
        except ValueError:
            message = f"{quote(word.text)} is neither an address nor a network"
            report(Problem("bad-value", message, word.at, "write 10.0.0.5 or 10.0.0.0/24"))


def check_public_url(spec: FileSpec, report: Report) -> None:
    """The address providers sign is https, or http on this machine, with nothing behind but a plain path."""
    word = spec.public_url
    if word is not None:
        trouble = url_trouble(word)
        if trouble:
            report(Problem("bad-value", f"`public_url` {trouble}", word.at, "write https://phone.example.com"))
    elif by_web := [provider for provider in spec.providers.values() if provider.sip is None]:
        at = by_web[0].at
        message = "`public_url` is missing: the address the providers reach, and sign"
        report(Problem("no-public-url", message, at, "add `public_url: https://phone.example.com`", "warning"))


def url_trouble(word: Word, *, query: bool = False) -> str | None:
    """Say what is wrong with an address that must be https, or http on this machine; with *query* it may have one."""
    try:
        parts = urlsplit(word.text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "is no address"
    if parts.scheme not in ("http", "https") or not host or not _HOST.fullmatch(host):
        return "must begin with https:// and a host"
    if port == 0:
        return "has a port that cannot be reached"
    if parts.scheme == "http" and host not in LOOPBACK:
        return "must begin with https://"
    if "@" in parts.netloc:
        return "must not hold a user or password"
    if query:
        return "must be written in plain letters, without blanks and #" if not _ADDRESS.fullmatch(word.text) else None
    if "?" in word.text or "#" in word.text or not _PATH.fullmatch(parts.path):
        return "may have a plain path behind the host, nothing else"
    return None
