"""Requests made to keep the reactor busy, each of 64 KB at most; signed where a signature lets them go further."""

import gzip
import hmac
import json
import time
from base64 import b64encode
from collections.abc import Callable, Iterator

import attrs

from bench.traffic import CALL_PATH, TOKEN, encoded, fields, post, signature

Make = Callable[[str], bytes]
"""Makes the request for a given id (32 hexadecimal digits): an id that was seen before would be answered from memory."""

LARGEST = 64 * 1024
CALLED = "+16172000003"
FORM = "application/x-www-form-urlencoded"
JSON_PATH = "/hooks/pbx/call"
SOME_SIGNATURE = "X-Twilio-Signature: " + "A" * 28 + "\r\n"

Pairs = list[tuple[str, str]]


@attrs.frozen
class Nasty:
    """A request and the name it is shown by."""

    name: str
    make: Make


def raw(headers: str, body: bytes = b"a=b", path: str = CALL_PATH, content_type: str = FORM) -> Make:
    """Return a request with *headers* (each ended by CRLF) as they are, closing afterwards."""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\nContent-Type: {content_type}\r\n{headers}"
    if "transfer-encoding" not in headers.lower():
        head += f"Content-Length: {len(body)}\r\n"
    return lambda _sid: head.encode("latin-1") + b"\r\n" + body


def call(extra: Pairs) -> Make:
    """Return a signed call with more fields than usual, or with other values in the usual ones."""
    replaced = {name for name, _ in extra}

    def make(sid: str) -> bytes:
        usual = fields(f"CA{sid}", "+12125550177", CALLED)
        return sent(CALL_PATH, [*(pair for pair in usual if pair[0] not in replaced), *extra])

    return make


def text(body: str) -> Make:
    """Return a signed text."""

    def make(sid: str) -> bytes:
        usual = [pair for pair in fields("", "+12125550177", CALLED) if not pair[0].startswith("Call")]
        return sent("/hooks/twilio/text", [*usual, ("MessageSid", f"SM{sid}"), ("Body", body)])

    return make


def sent(path: str, pairs: Pairs) -> bytes:
    """Return *pairs* as Twilio would post them, on a connection that closes afterwards."""
    return post(path, encoded(pairs), signature(path, pairs)).replace(b"Accept: */*\r\n", b"Connection: close\r\n")


def pbx(body: bytes) -> Make:
    """Return a JSON body signed as Standard Webhooks."""

    def make(sid: str) -> bytes:
        stamp = int(time.time())  # noqa: TID251  the daemon compares with its own wall clock
        made = b64encode(hmac.digest(TOKEN.encode(), f"{sid}.{stamp}.".encode() + body, "sha256")).decode()
        headers = f"webhook-id: {sid}\r\nwebhook-timestamp: {stamp}\r\nwebhook-signature: v1,{made}\r\n"
        return raw(headers, body, JSON_PATH, "application/json")(sid)

    return make


def lines(name: str, value: str, size: int) -> str:
    """Return *size* bytes of headers of their own."""
    line = f"{name}: {value}\r\n"
    return line * (size // len(line))


def nasty() -> Iterator[Nasty]:
    """Yield every request that is tried."""
    yield Nasty("a plain call, for comparison", call([]))
    yield from bodies()
    yield from values()
    yield from headers()
    yield from paths()
    yield from transfers()
    yield from documents()


def bodies() -> Iterator[Nasty]:
    """Yield forms that are hard to take apart."""
    units = {"&": b"&", "=": b"=", "%41": b"%41", "%": b"%", "+": b"+", "a=b&": b"a=b&", "\\xff": b"\xff"}
    for name, unit in units.items():
        yield Nasty(f"64 KB of {name}", raw(SOME_SIGNATURE, (unit * LARGEST)[:LARGEST]))
    yield Nasty("64 KB of a=b&, signed", call([("a", "b")] * ((LARGEST - 1200) // 4)))
    yield Nasty("970 fields, signed", call([(f"f{at:05}", "b") for at in range(970)]))
    yield Nasty("970 fields of 60 escapes, signed", call([(f"f{at:05}", "%" * 19) for at in range(970)]))
    yield Nasty("170 fields of 100 escapes, signed", call([(f"f{at:05}", "%" * 100) for at in range(170)]))
    yield Nasty("6,000 fields, signed", call([(f"f{at:05}", "b") for at in range(6_000)]))
    yield Nasty("one field of 60 KB, signed", call([("Odd", "x" * 60_000)]))
    yield Nasty("one field of 20,000 escapes, signed", call([("Odd", "%" * 20_000)]))
    yield Nasty("one field of 6,000 snowmen, signed", call([("Odd", "\u2603" * 6_000)]))
    yield Nasty("text of 12,000 words, signed", text("stop " * 12_000))
    yield Nasty("text of 9,000 combining marks, signed", text("e" + "\u0301" * 9_000))
    yield Nasty("text of 60 KB without a space, signed", text("u" * 60_000))
    yield Nasty("text of 10,000 ligatures, signed", text("\ufdfa" * 6_000))


def values() -> Iterator[Nasty]:
    """Yield calls with one field that no carrier would send."""
    usual = {
        "60,000 digits": "9" * 60_000,
        "12,000 sip:": "<sip:" * 6_000 + ">" * 1_000,
        "30,000 spaces": "+" + " " * 60_000 + "1",
        "5,000 Arabic digits": "\u0661" * 5_000,
        "sip: and 60,000 dots": "sip:" + "." * 60_000,
        "6,000 wide ligatures": "\ufdfa" * 6_000,
    }
    for name in ("From", "To", "ForwardedFrom", "CallerName", "StirVerstat", "CallSid"):
        for what, value in usual.items():
            yield Nasty(f"{name} of {what}, signed", call([(name, value)]))
    hops = {
        "1,000 hops": "<sip:+12125550100@a>;reason=busy," * 1_000,
        "1,000 open brackets": "<sip:+1212" * 3_000,
        "18,000 semicolons": "<sip:a@b>" + ";" * 18_000,
        "18,000 blanks": "<sip:a@b>;" + " " * 50_000 + "reason",
    }
    for what, value in hops.items():
        yield Nasty(f"Diversion of {what}, signed", call([("SipHeader_Diversion", value)]))


def headers() -> Iterator[Nasty]:
    """Yield headers that are long, many, or hard to take apart; twisted.web takes lines of 16 KB."""
    types = {
        "15,800 ;": ";" * 15_800,
        "4,000 parameters": ";a=b" * 3_900,
        "15,800 quotes": ';a="' + '\\"' * 7_900,
        "5,000 encoded words": ";a*0*=''" + "%41" * 5_000,
    }
    for what, value in types.items():
        yield Nasty(f"Content-Type with {what}", raw("", content_type=FORM + value))
    yield Nasty("500 headers", raw(lines("X-A", "b", 4_000) + SOME_SIGNATURE))
    yield Nasty("64 KB of headers", raw(lines("X-A", "b" * 1000, LARGEST - 1000)))
    yield Nasty("one header of 16 KB", raw("X-A: " + "b" * 16_000 + "\r\n"))
    yield Nasty("one header of 64 KB", raw("X-A: " + "b" * LARGEST + "\r\n"))
    yield Nasty("400 signature headers", raw(lines("X-Twilio-Signature", "A" * 28, 15_000)))
    long = {
        "X-Twilio-Signature": "A" * 15_000,
        "X-Twilio-Webhooks-Signature-Settings": "a=b," * 3_800,
        "Cookie": "a=b;" * 3_900,
        "X-Forwarded-For": "1.2.3.4," * 1_900,
        "Accept-Encoding": "gzip," * 3_000,
        "If-None-Match": '"b",' * 3_900,
        "Range": "bytes=" + "0-1," * 3_800 + "0-1",
        "Authorization": "Basic " + "YTpi" * 3_800,
        "Transfer-Encoding": "chunked," * 1_900,
        "Connection": "close," * 2_600,
        "Expect": "100-continue," * 1_200,
    }
    for name, value in long.items():
        yield Nasty(f"{name} of 15 KB", raw(f"{name}: {value}\r\n{SOME_SIGNATURE}"))
    yield Nasty("X-Forwarded-For of 64 KB", raw("X-Forwarded-For: " + "1.2.3.4," * 8_100 + "\r\n"))


def paths() -> Iterator[Nasty]:
    """Yield targets that are long."""
    yield Nasty("path of 15 KB of /", raw("", path="/" * 15_000))
    yield Nasty("path of 64 KB", raw("", path="/hooks/" + "a" * LARGEST))
    yield Nasty("path of 5,000 %2F", raw("", path=CALL_PATH + "%2F" * 5_000))
    yield Nasty("query of 15 KB of a=b&", raw(SOME_SIGNATURE, path=CALL_PATH + "?" + "a=b&" * 3_900))
    yield Nasty("token of 15 KB of dots", raw(SOME_SIGNATURE, path="/hooks/twilio/next/" + "." * 15_000))
    yield Nasty(
        "token of 15 KB of dots, signed", lambda sid: sent("/hooks/twilio/next/" + "." * 15_000, fields(sid, "", ""))
    )


def transfers() -> Iterator[Nasty]:
    """Yield bodies that come in an odd way."""
    chunked = "Transfer-Encoding: chunked\r\n" + SOME_SIGNATURE
    yield Nasty("10,000 chunks of one byte", raw(chunked, b"1\r\na\r\n" * 10_000 + b"0\r\n\r\n"))
    yield Nasty("1,500 chunks of 40 bytes", raw(chunked, b"28\r\n" + b"a" * 40 + b"\r\n" + b"0\r\n\r\n"))
    yield Nasty("a chunk extension of 15 KB", raw(chunked, b"1;" + b"a" * 15_000 + b"\r\na\r\n0\r\n\r\n"))
    yield Nasty("60 KB of trailers", raw(chunked, b"0\r\n" + b"X-A: b\r\n" * 7_500 + b"\r\n"))
    yield Nasty(
        "ten megabytes, gzipped", raw("Content-Encoding: gzip\r\n" + SOME_SIGNATURE, gzip.compress(b"\0" * 10_000_000))
    )
    parts = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 1_000 + b"--x--\r\n"
    yield Nasty("multipart of 1,000 parts", raw(SOME_SIGNATURE, parts, content_type="multipart/form-data; boundary=x"))
    yield Nasty(
        "multipart, boundary of ;", raw("", parts, content_type="multipart/form-data; boundary=" + ";" * 10_000)
    )


def documents() -> Iterator[Nasty]:
    """Yield JSON, signed."""
    yield Nasty("JSON nested 30,000 deep, signed", pbx(b"[" * 30_000 + b"]" * 30_000))
    yield Nasty('JSON of 10,000 {"a":, signed', pbx(b'{"a":' * 10_000))
    yield Nasty("JSON of 60,000 digits, signed", pbx(b'{"id": ' + b"9" * 60_000 + b"}"))
    yield Nasty("JSON of 4,000 digits, signed", pbx(b'{"id": ' + b"9" * 4_000 + b"}"))
    yield Nasty("JSON of 10,000 escapes, signed", pbx(json.dumps({"id": "\u2603" * 10_000}).encode()))
    yield Nasty("JSON of 5,000 keys, signed", pbx(json.dumps({str(at): 0 for at in range(5_000)}).encode()))
    yield Nasty("JSON of 5,000 equal keys, signed", pbx(b"{" + b'"id":1,' * 5_000 + b'"id":1}'))
    yield Nasty("JSON of 30,000 zeros, signed", pbx(b"[" + b"0," * 30_000 + b"0]"))
    hops = [{"from": "+12125550100", "reason": "busy"}] * 1_200
    usual = {"id": "a", "from": "+12125550177", "to": CALLED}
    yield Nasty("JSON with 1,200 diversions, signed", pbx(json.dumps({**usual, "diversions": hops}).encode()))
    yield Nasty("JSON from 60,000 digits, signed", pbx(json.dumps({**usual, "from": "+" + "9" * 60_000}).encode()))
