"""Who is calling: classes, groups, the block list."""

from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.callers import CLASSES, CallerIndex, entry_keys, identify, listed
from rules.source import Mark
from rules.spec import BlockSpec, GroupSpec, Word

HERE = Mark("config.yaml", 1, 1)
OWN = {"+16175550100": "boston", "sip:london@pbx.example": "london"}
DEVICES = {
    "+16175550141": "anna",
    "sip:anna@pbx.example": "anna",
    "sip:+16175550199@pbx.example": "eli",
}


def words(*texts: str) -> tuple[Word, ...]:
    """Make entries as the reader of the file makes them."""
    return tuple(Word(text, HERE) for text in texts)


def index(
    groups: Mapping[str, tuple[str, ...]] | None = None,
    *,
    block: tuple[str, ...] = (),
    verified: tuple[str, ...] = (),
) -> CallerIndex:
    """Index some *groups*, those of *verified* asking for attestation."""
    specs = {name: GroupSpec(name, words(*entries), name in verified, HERE) for name, entries in (groups or {}).items()}
    blocked = BlockSpec(words(*block), "busy", HERE)
    return CallerIndex.build(groups=specs, block=blocked, own=OWN, devices=DEVICES, region="US")


PLAIN = index()


@pytest.mark.parametrize(
    ("raw", "cls", "number"),
    [
        pytest.param("", "anonymous", None, id="nothing"),
        pytest.param("   ", "anonymous", None, id="blanks"),
        pytest.param("anonymous", "anonymous", None, id="anonymous"),
        pytest.param("Anonymous", "anonymous", None, id="anonymous in any case"),
        pytest.param("restricted", "anonymous", None, id="restricted"),
        pytest.param("PRIVATE", "anonymous", None, id="private"),
        pytest.param("unavailable", "anonymous", None, id="unavailable"),
        pytest.param("unknown", "anonymous", None, id="unknown"),
        pytest.param("Blocked", "anonymous", None, id="blocked"),
        pytest.param("Private Number", "anonymous", None, id="private number"),
        pytest.param("+266696687", "anonymous", None, id="ANONYMOUS on the keypad"),
        pytest.param("266696687", "anonymous", None, id="ANONYMOUS on the keypad without plus"),
        pytest.param("+7378742833", "anonymous", None, id="RESTRICTED on the keypad"),
        pytest.param("+86282452253", "anonymous", None, id="UNAVAILABLE on the keypad would be a Chinese number"),
        pytest.param("+8656696", "anonymous", None, id="UNKNOWN on the keypad"),
        pytest.param("+2562533", "anonymous", None, id="BLOCKED on the keypad"),
        pytest.param("tel:+266696687", "anonymous", None, id="a stand-in as a tel link"),
        pytest.param("sip:anonymous@anonymous.invalid", "anonymous", None, id="anonymous by SIP"),
        pytest.param('"Anonymous" <sip:+266696687@trunk>', "anonymous", None, id="a stand-in by SIP"),
        pytest.param("12", "unrecognised", None, id="two digits are nothing"),
        pytest.param("262", "short-code", None, id="three digits"),
        pytest.param("262966", "short-code", None, id="six digits"),
        pytest.param("12345678", "short-code", None, id="eight digits"),
        pytest.param("123456789", "unrecognised", None, id="nine digits that are no number"),
        pytest.param("+262966", "unrecognised", None, id="a plus makes no short code"),
        pytest.param("٢٦٢٩٦٦", "short-code", None, id="another script's digits"),
        pytest.param("ACME Bank", "named-sender", None, id="a name"),
        pytest.param("INFO2026", "named-sender", None, id="a name with digits"),
        pytest.param("whatsapp:Anna", "named-sender", None, id="a name at WhatsApp"),
        pytest.param("client:bob", "named-sender", None, id="a provider's own client"),
        pytest.param("tel:banana", "named-sender", None, id="a tel link without digits"),
        pytest.param("+12125550100", "number", "+12125550100", id="a number"),
        pytest.param("+1 (212) 555-0100", "number", "+12125550100", id="a number with punctuation"),
        pytest.param("(212) 555-0100", "number", "+12125550100", id="a number of the business's country"),
        pytest.param("whatsapp:+12125550100", "number", "+12125550100", id="a number at WhatsApp"),
        pytest.param("tel:+1-212-555-0100", "number", "+12125550100", id="a tel link"),
        pytest.param("＋１２１２５５５０１００", "number", "+12125550100", id="full width"),
        pytest.param("sip:+12125550100@trunk;user=phone", "number", "+12125550100", id="a number by SIP"),
        pytest.param("sip:2125550100@trunk;user=phone", "number", "+12125550100", id="a national number by SIP"),
        pytest.param("+999123456", "unrecognised", None, id="digits of no country"),
        pytest.param("+", "unrecognised", None, id="a plus alone"),
        pytest.param("😀", "unrecognised", None, id="an emoji"),
        pytest.param("sip:101@pbx.example", "unrecognised", None, id="an extension"),
        pytest.param("sip:alice@elsewhere.example", "unrecognised", None, id="a stranger's SIP address"),
        pytest.param("sip:", "unrecognised", None, id="half a SIP address"),
        pytest.param("+16175550100", "own-number", "+16175550100", id="our own number"),
        pytest.param("617-555-0100", "own-number", "+16175550100", id="our own number, dialled locally"),
        pytest.param("sip:london@PBX.example:5060", "own-number", None, id="our own number by SIP"),
        pytest.param("+16175550141", "teammate", "+16175550141", id="a teammate's mobile"),
        pytest.param("whatsapp:+16175550141", "teammate", "+16175550141", id="a teammate's mobile at WhatsApp"),
        pytest.param("sip:+16175550141@trunk", "teammate", "+16175550141", id="a teammate's mobile by SIP"),
        pytest.param('"A" <sips:anna@PBX.example;transport=tls>', "teammate", None, id="a teammate's desk"),
        pytest.param("sip:Anna@pbx.example", "unrecognised", None, id="nearly a teammate's desk"),
        pytest.param("sip:+16175550199@pbx.example", "teammate", "+16175550199", id="a desk named by a number"),
        pytest.param("+16175550199", "number", "+16175550199", id="the same number not from that desk"),
        pytest.param("1" * 5000, "unrecognised", None, id="absurdly long"),
    ],
)
def test_classes(raw: str, cls: str, number: str | None) -> None:
    """Every caller has one class; a number is kept as E.164, and the raw text always."""
    caller = PLAIN.classify(raw, verified=None)

    assert (caller.cls, caller.e164, caller.raw) == (cls, number, raw)
    assert caller.repliable is (cls == "number")
    assert (caller.person is not None) is (cls == "teammate")
    assert not caller.blocked


GROUPS = {
    "vip": ("+1 212 555 0177", "+44 20 7946 0958"),
    "suppliers": ("+1 508 555 01xx", "+1 508 555 0300"),
    "banks": ("ACME Bank", "72975"),
    "nobody": ("anonymous",),
    "family": ("Teammate", "own-number"),
    "gateways": ("sip:gw@trunk.example",),
    "everyone": ("number",),
    "east": ("+1 xxx 555 01xx", "(212) 555-0199"),
}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("+12125550177", ("vip", "everyone", "east"), id="in several, in the order of the file"),
        pytest.param("+15085550100", ("suppliers", "everyone", "east"), id="first of a pattern"),
        pytest.param("+15085550199", ("suppliers", "everyone", "east"), id="last of a pattern"),
        pytest.param("+15085550200", ("everyone",), id="just behind a pattern"),
        pytest.param("+15085550300", ("suppliers", "everyone"), id="an exact number beside a pattern"),
        pytest.param("acme  BANK", ("banks",), id="a name in any case and spacing"),
        pytest.param("ACME", (), id="half a name"),
        pytest.param("72975", ("banks",), id="a short code"),
        pytest.param("", ("nobody",), id="a class"),
        pytest.param("+16175550141", ("family", "east"), id="a teammate by class, and by pattern"),
        pytest.param("+16175550100", ("family", "east"), id="an own number by class, and by pattern"),
        pytest.param("sip:gw@trunk.example;transport=udp", ("gateways",), id="a SIP address"),
        pytest.param("+12125550199", ("everyone", "east"), id="twice in one group is once"),
        pytest.param("+442079460000", ("everyone",), id="only the class of all numbers"),
    ],
)
def test_groups(raw: str, expected: tuple[str, ...]) -> None:
    """A caller is in every group that lists the number, a pattern of it, the name or the class."""
    assert index(GROUPS).classify(raw, verified=None).groups == expected


def test_small_countries_have_numbers_as_short_as_short_codes() -> None:
    """Eight digits in a list mean the short code and, where numbers are that short, the number."""
    assert entry_keys("20 12 34 56", "DK") == ("20123456", "+4520123456")
    assert entry_keys("72975", "US") == ("72975",)


@pytest.mark.parametrize(
    ("verified", "groups", "blocked"),
    [
        pytest.param(True, ("vip",), False, id="attested"),
        pytest.param(False, (), True, id="not attested"),
        pytest.param(None, (), True, id="nothing said"),
    ],
)
def test_a_spoofed_vip_does_not_pass(verified: bool | None, groups: tuple[str, ...], blocked: bool) -> None:
    """A group that asks for attestation lists a number only when its carrier vouches for it, also against a block."""
    callers = index({"vip": ("+1 212 555 0177",)}, verified=("vip",), block=("+1 212 xxx xxxx",))

    caller = callers.classify("+12125550177", verified=verified)

    assert (caller.groups, caller.blocked) == (groups, blocked)


@pytest.mark.parametrize(
    ("raw", "blocked"),
    [
        pytest.param("+13055550123", True, id="an exact number"),
        pytest.param("+13055550124", False, id="its neighbour"),
        pytest.param("+19001234567", True, id="a pattern"),
        pytest.param("+19005550000", False, id="an exact entry of a group beats a blocked pattern"),
        pytest.param("+19015550001", True, id="a pattern of a group does not beat a blocked pattern"),
        pytest.param("", True, id="a class"),
        pytest.param("Spam Ltd", True, id="a name"),
        pytest.param("262966", True, id="a blocked class of short codes"),
        pytest.param("72975", False, id="a short code listed exactly"),
        pytest.param("911", False, id="an emergency service calls back"),
        pytest.param("+16175550141", False, id="a teammate beats a blocked pattern"),
        pytest.param("+16175550100", False, id="an own number beats a blocked pattern"),
        pytest.param("+16175550142", True, id="a stranger in that pattern"),
    ],
)
def test_block_list(raw: str, blocked: bool) -> None:
    """Exact beats pattern: a number named in a list outweighs a blocked range, and a blocked number every range."""
    callers = index(
        {"friends": ("+1 900 555 0000", "72975"), "wide": ("+1 901 555 xxxx",)},
        block=(
            *("+1 305 555 0123", "+1 900 xxx xxxx", "+1 901 xxx xxxx", "+1 617 555 01xx"),
            *("anonymous", "short-code", "Spam Ltd"),
        ),
    )

    assert callers.classify(raw, verified=None).blocked is blocked


def test_both_in_a_group_and_blocked_exactly_is_blocked() -> None:
    """The file with both is refused at load; should it ever run, the block holds."""
    callers = index({"vip": ("+1 305 555 0123",)}, block=("+1 305 555 0123",))

    assert callers.classify("+13055550123", verified=None).blocked


def test_exact_entries_of_a_list() -> None:
    """Two lists are compared by their exact entries: patterns and classes are left out, spelling does not count."""
    entries = words("+1 (305) 555-0123", "+1 900 xxx xxxx", "anonymous", "Spam  LTD")

    assert listed(entries, "US") == {"+13055550123", "spam ltd"}


def test_the_same_caller_is_classified_once() -> None:
    """A caller seen before is remembered, each attestation apart; long texts never fill the memory."""
    callers = index({"vip": ("+12125550177",)}, verified=("vip",))

    assert callers.classify("+12125550177", verified=True) is callers.classify("+12125550177", verified=True)
    assert callers.classify("+12125550177", verified=None).groups == ()
    assert callers.classify("x" * 200, verified=None) is not callers.classify("x" * 200, verified=None)


@given(st.text(max_size=200), st.sampled_from([True, False, None]), st.sampled_from(["US", "DK", None]))
def test_every_text_is_somebody(raw: str, verified: bool | None, region: str | None) -> None:
    """Whatever a provider writes, there is a class and never an error."""
    who = identify(raw, region)
    caller = index(GROUPS, block=("+1 900 xxx xxxx",)).classify(raw, verified=verified)

    assert who.cls in CLASSES
    assert caller.cls in CLASSES
    assert (who.cls == "number") == (who.e164 is not None)


@example("+266 696 687", "US")
@example("+1 (617) 555-0141", "US")
@example("+44 (0)20 7946 0958", "GB")
@given(
    text=st.from_regex(r"\+[1-9][0-9 ./()\t-]{2,24}", fullmatch=True), region=st.sampled_from(["US", "GB", "DE", None])
)
def test_the_short_cut_for_written_numbers(text: str, region: str | None) -> None:
    """A number as people write it is who the long way says it is, which every text with `tel:` goes."""
    assert identify(text, region) == identify(f"tel:{text}", region)


def test_ten_thousand_entries() -> None:
    """In a directory of ten thousand everybody is found by their one pattern."""
    entries = [f"+1 617 {200 + i // 10000:03d} {i % 10000:04d}" for i in range(9000)]
    entries += [f"+1 508 {200 + i // 100:03d} {i % 100:02d}xx" for i in range(1000)]
    callers = index({f"g{i}": tuple(entries[i::100]) for i in range(100)})

    found = [callers.classify(f"+1508200{i:04d}", verified=None) for i in range(2000)]

    assert [caller.groups for caller in found] == [(f"g{i // 100}",) for i in range(2000)]
