"""Part d: requests made to keep the reactor busy, each of 64 KB at most; what one costs, and what it is answered."""

import gzip
import json
import time
from collections.abc import Iterator
from statistics import median

import attrs

from bench.servers import Daemon, Folder, fetch
from bench.table import Line, table
from bench.traffic import CALL_PATH, encoded, fields, post, signature
from bench.webhook import start_daemon

PART = "d. one request of 64 KB, whatever its headers"
LARGEST = 64 * 1024
ALLOWED = 0.005

FORM = "application/x-www-form-urlencoded"


@attrs.frozen
class Nasty:
    """A request and the name it is shown by; in *request* `@SID@` stands where each try needs a call of its own."""

    name: str
    request: bytes


def raw(headers: str, body: bytes = b"", path: str = CALL_PATH, content_type: str = FORM) -> bytes:
    """Return a request with *headers* (each ended by CRLF) as they are, closing afterwards."""
    kind = f"Content-Type: {content_type}\r\n" if content_type else ""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n{kind}{headers}"
    if "transfer-encoding" not in headers.lower():
        head += f"Content-Length: {len(body)}\r\n"
    return head.encode("latin-1") + b"\r\n" + body


def signed(extra: list[tuple[str, str]] | bytes, path: str = CALL_PATH) -> bytes:
    """Return a call with more fields than usual, properly signed: pairs, or the bytes of a body that is one odd field."""
    pairs = fields("CA" + "0" * 32, "+12125550177", traffic_number())
    pairs += [("Odd", extra.decode())] if isinstance(extra, bytes) else extra
    request = post(path, encoded(pairs), signature(path, pairs))
    return request.replace(b"Accept: */*\r\n", b"Connection: close\r\n")


def traffic_number() -> str:
    """Return a number the daemon answers."""
    return "+16172000003"


def pairs_until(size: int, name: str, value: str = "b") -> list[tuple[str, str]]:
    """Return as many different fields as fit in *size* bytes beside those of a call."""
    count = (size - 1200) // (len(name) + len(value) + 8)
    return [(f"{name}{at:05}", value) for at in range(count)]


def header_lines(name: str, value: str, size: int) -> str:
    """Return *size* bytes of headers of their own."""
    line = f"{name}: {value}\r\n"
    return line * (size // len(line))


def nasty() -> Iterator[Nasty]:
    """Yield every request that is tried."""
    signature_header = "X-Twilio-Signature: " + "A" * 28 + "\r\n"
    json_path, json_type = "/hooks/pbx/call", "application/json"
    yield Nasty("a plain call, for comparison", signed([]))
    yield Nasty("Content-Type with 15,800 ;", raw("", b"a=b", content_type=FORM + ";" * 15_800))
    yield Nasty("Content-Type with 5,000 parameters", raw("", b"a=b", content_type=FORM + ";a=b" * 4_000))
    yield Nasty("Content-Type with 15,800 quotes", raw("", b"a=b", content_type=FORM + ';a="' + '\\"' * 7_900))
    yield Nasty(
        "Content-Type of 15 KB of encoded words", raw("", b"a=b", content_type=FORM + ";a*0*=''" + "%41" * 5_000)
    )
    for name, unit in (
        ("&", b"&"),
        ("=", b"="),
        ("%41", b"%41"),
        ("%", b"%"),
        ("+", b"+"),
        ("a=b&", b"a=b&"),
        ("\\xff", b"\xff"),
    ):
        body = (unit * LARGEST)[:LARGEST]
        yield Nasty(f"64 KB of {name}", raw(signature_header, body))
    yield Nasty("64 KB of a=b&, signed", signed([("a", "b")] * ((LARGEST - 1200) // 4)))
    yield Nasty("900 fields, signed", signed(pairs_until(LARGEST, "f")[:900]))
    yield Nasty("all fields that fit 64 KB, signed", signed(pairs_until(LARGEST, "f")))
    yield Nasty("one field of 60 KB, signed", signed([("Odd", "x" * 60_000)]))
    yield Nasty("one field of 20,000 percent signs, signed", signed([("Odd", "%" * 20_000)]))
    yield Nasty("one field of 6,000 snowmen, signed", signed([("Odd", "\u2603" * 6_000)]))
    for name in ("From", "ForwardedFrom", "CallerName", "SipHeader_Diversion", "StirVerstat", "CallSid"):
        for what, value in hostile_values(name):
            yield Nasty(f"{name} of {what}, signed", signed_with(name, value))
    text = [("MessageSid", "SM" + "0" * 32), ("Body", "stop " * 12_000)]
    yield Nasty("text of 12,000 words, signed", signed(text, "/hooks/twilio/text"))
    yield Nasty(
        "text of 20,000 combining marks, signed",
        signed([text[0], ("Body", "e" + "\u0301" * 9_000)], "/hooks/twilio/text"),
    )
    yield Nasty("500 headers", raw(header_lines("X-A", "b", 4_000) + signature_header, b"a=b"))
    yield Nasty("64 KB of headers", raw(header_lines("X-A", "b" * 1000, LARGEST - 1000), b"a=b"))
    yield Nasty("one header of 16 KB", raw(header_lines("X-A", "b" * 16_000, 16_010), b"a=b"))
    yield Nasty("one header of 64 KB", raw("X-A: " + "b" * LARGEST + "\r\n", b"a=b"))
    yield Nasty("signature header of 15 KB", raw("X-Twilio-Signature: " + "A" * 15_000 + "\r\n", b"a=b"))
    yield Nasty(
        "signature settings of 15 KB",
        raw(signature_header + "X-Twilio-Webhooks-Signature-Settings: " + "a=b," * 3_800 + "\r\n", b"a=b"),
    )
    yield Nasty("400 signature headers", raw(header_lines("X-Twilio-Signature", "A" * 28, 15_000), b"a=b"))
    yield Nasty("cookie of 15 KB of ;", raw("Cookie: " + "a=b;" * 3_900 + "\r\n" + signature_header, b"a=b"))
    yield Nasty("X-Forwarded-For of 15 KB", raw("X-Forwarded-For: " + "1.2.3.4," * 1_900 + "\r\n", b"a=b"))
    yield Nasty("X-Forwarded-For of 64 KB", raw("X-Forwarded-For: " + "1.2.3.4," * 8_100 + "\r\n", b"a=b"))
    yield Nasty("path of 15 KB of /", raw("", b"a=b", "/" * 15_000))
    yield Nasty("path of 64 KB", raw("", b"a=b", "/hooks/" + "a" * LARGEST))
    yield Nasty("path of 15 KB of %2F", raw("", b"a=b", "/hooks/twilio/call" + "%2F" * 5_000))
    yield Nasty("query of 15 KB of a=b&", raw(signature_header, b"a=b", CALL_PATH + "?" + "a=b&" * 3_900))
    yield Nasty("token of 15 KB of dots", raw(signature_header, b"a=b", "/hooks/twilio/next/" + "." * 15_000))
    yield Nasty(
        "chunks of one byte, 10,000",
        raw("Transfer-Encoding: chunked\r\n" + signature_header, b"1\r\na\r\n" * 10_000 + b"0\r\n\r\n"),
    )
    yield Nasty(
        "chunk extensions, 64 KB", raw("Transfer-Encoding: chunked\r\n", b"1;" + b"a" * 6_000 + b"\r\na\r\n0\r\n\r\n")
    )
    yield Nasty(
        "multipart of 1,000 parts", raw(signature_header, multipart(), content_type="multipart/form-data; boundary=x")
    )
    yield Nasty(
        "multipart, boundary of ;",
        raw("", b"--x\r\n\r\n", content_type="multipart/form-data; boundary=" + ";" * 10_000),
    )
    yield Nasty(
        "Content-Encoding gzip", raw("Content-Encoding: gzip\r\n" + signature_header, gzip.compress(b"\0" * 10_000_000))
    )
    yield Nasty("Accept-Encoding of 15 KB", raw("Accept-Encoding: " + "gzip," * 3_000 + "\r\n", b"a=b"))
    yield Nasty("If-None-Match of 15 KB", raw('If-None-Match: "a",' + '"b",' * 3_800 + "\r\n", b"a=b"))
    yield Nasty("Range of 15 KB", raw("Range: bytes=" + "0-1," * 3_800 + "0-1\r\n", b"a=b"))
    yield Nasty("Authorization of 15 KB", raw("Authorization: Basic " + "YTpi" * 3_800 + "\r\n", b"a=b"))
    yield Nasty("JSON nested 30,000 deep", raw("", b"[" * 30_000 + b"]" * 30_000, json_path, json_type))
    yield Nasty("JSON of 32,000 digits", raw("", b'{"id": ' + b"9" * 32_000 + b"}", json_path, json_type))
    yield Nasty("JSON of 10,000 escapes", raw("", json.dumps({"id": "\u2603" * 10_000}).encode(), json_path, json_type))
    yield Nasty(
        "JSON of 9,000 keys", raw("", json.dumps({str(at): 0 for at in range(5_000)}).encode(), json_path, json_type)
    )


def hostile_values(name: str) -> Iterator[tuple[str, str]]:
    """Yield values that such a field should not have."""
    yield "50,000 digits", "9" * 50_000
    yield "20,000 brackets", "<sip:" * 4_000 + ">" * 1_000
    if name == "From":
        yield "9,000 spaces", "+" + " " * 50_000 + "1"
        yield "5,000 Arabic digits", "\u0661" * 5_000
        yield "sip: and 50,000 dots", "sip:" + "." * 50_000
    if name == "SipHeader_Diversion":
        yield "2,000 hops", "<sip:+12125550100@a>;reason=busy," * 1_500
        yield "12,000 semicolons", "<sip:a@b>" + ";" * 50_000


def signed_with(name: str, value: str) -> bytes:
    """Return a signed call whose field *name* is *value*."""
    pairs = [pair for pair in fields("CA" + "0" * 32, "+12125550177", traffic_number()) if pair[0] != name]
    pairs.append((name, value))
    request = post(CALL_PATH, encoded(pairs), signature(CALL_PATH, pairs))
    return request.replace(b"Accept: */*\r\n", b"Connection: close\r\n")


def multipart() -> bytes:
    """Return a form in a thousand parts."""
    return b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 1_000 + b"--x--\r\n"


@attrs.frozen
class Cost:
    """What one request cost: *seconds* of CPU (median), and the *status* it got (`-`: the connection was closed)."""

    name: str
    size: int
    seconds: float
    status: str


def cost(daemon: Daemon, one: Nasty, tries: int) -> Cost:
    """Send a request alone, several times, and take what the process used meanwhile."""
    used = []
    answer = b""
    for _ in range(tries):
        before = daemon.cpu()
        answer = fetch(daemon.address, one.request)
        time.sleep(0.002)
        used.append(daemon.cpu() - before)
    return Cost(one.name, len(one.request), median(used), answer[9:12].decode() if answer.startswith(b"HTTP/") else "-")


def run(*, quick: bool) -> tuple[list[Line], str]:
    """Try them all; returns the lines, and the table of every request."""
    with Folder() as folder:
        daemon = start_daemon(folder.path)
        try:
            costs = [cost(daemon, one, 3 if quick else 7) for one in nasty()]
            alive = fetch(daemon.address, signed([("Odd", str(time.monotonic_ns()))])).startswith(b"HTTP/1.1 200")
        finally:
            daemon.stop()
    worst = max(costs, key=lambda one: one.seconds)
    failed = [one.name for one in costs if one.status.startswith("5")]
    rows = [
        (
            one.name,
            f"{one.size:,}",
            f"{one.seconds * 1e3:.2f}",
            one.status,
            "" if one.seconds <= ALLOWED else "too long",
        )
        for one in costs
    ]
    told = f"{len(costs)} requests; CPU of the whole process around each, the idle reactor's included"
    lines = [
        Line(PART, f"longest: {worst.name}", worst.seconds * 1e3, "ms", "<= 5", worst.seconds <= ALLOWED, told),
        Line(PART, "answered with a 5xx", len(failed), "", "0", not failed, ", ".join(failed)),
        Line(PART, "answers calls afterwards", str(alive).lower(), "", "true", alive),
    ]
    return lines, table("requests of part d", ("request", "bytes", "ms CPU", "status", ""), rows)
