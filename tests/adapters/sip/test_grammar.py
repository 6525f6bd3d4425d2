"""Tokens, quoted strings, lists and parameters of SIP."""

import pytest

from adapters.sip.grammar import Params, commas, header_params, is_token, leading_quoted, number, quote, unquote
from adapters.sip.refusal import MalformedError


@pytest.mark.parametrize(
    ("text", "below", "value"),
    [
        pytest.param("0", 1, 0, id="nothing"),
        pytest.param("255", 256, 255, id="the last that is below"),
        pytest.param("256", 256, None, id="the first that is not"),
        pytest.param("0068", 256, 68, id="leading zeros"),
        pytest.param("0" * 5000 + "7", 256, 7, id="more zeros than Python reads digits"),
        pytest.param("9" * 5000, 2**32, None, id="more digits than Python reads"),
        pytest.param("", 256, None, id="empty"),
        pytest.param("-1", 256, None, id="a sign"),
        pytest.param("1 ", 256, None, id="a blank"),
        pytest.param("\u0663", 256, None, id="a digit of another script"),
        pytest.param("\u00b2", 256, None, id="a superscript"),
    ],
)
def test_numbers(text: str, below: int, value: int | None) -> None:
    """Only ASCII digits make a number, and only one that is small enough."""
    assert number(text, below=below) == value


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        pytest.param("a", ["a"], id="one"),
        pytest.param("a ,\tb", ["a", "b"], id="blanks around a comma"),
        pytest.param('"a,b" <sip:a>, c', ['"a,b" <sip:a>', "c"], id="a comma in quotes"),
        pytest.param("<sip:a,b@c>,d", ["<sip:a,b@c>", "d"], id="a comma in brackets"),
        pytest.param(r'"a\",b",c', [r'"a\",b"', "c"], id="an escaped quote"),
        pytest.param(r'"a\\",b', [r'"a\\"', "b"], id="an escaped backslash before the closing quote"),
        pytest.param('<sip:a"b@c>,d', ['<sip:a"b@c>', "d"], id="a quote in brackets"),
        pytest.param('"<",a', ['"<"', "a"], id="a bracket in quotes"),
    ],
)
def test_lists(text: str, elements: list[str]) -> None:
    """A list is cut at its commas, except where quotes or brackets shield them."""
    assert commas(text) == elements


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("a,", id="nothing behind the comma"),
        pytest.param("a,,b", id="nothing between"),
        pytest.param('"a', id="a quote never closed"),
        pytest.param('a,"b\\"', id="closed only by an escaped quote"),
        pytest.param("<a", id="a bracket never closed"),
    ],
)
def test_no_lists(text: str) -> None:
    """An element that is not there, and a quote or bracket left open, make no list."""
    with pytest.raises(MalformedError):
        commas(text)


def test_quoting() -> None:
    """What is quoted says the same, control characters aside; bytes that are no UTF-8 stay what they are."""
    assert quote('a "b" \\ c') == '"a \\"b\\" \\\\ c"'
    assert unquote(quote('a "b" \\ \udcff')) == 'a "b" \\ \udcff'
    assert quote("a\r\nContact: b\x00") == '"aContact: b"'
    assert unquote("plain") == "plain"


def test_a_quoted_string_in_front() -> None:
    """The string is taken off; what was never closed is malformed."""
    assert leading_quoted('"a\\"b" <c>') == ('a"b', " <c>")
    with pytest.raises(MalformedError):
        leading_quoted('"a')


@pytest.mark.parametrize(
    ("text", "items"),
    [
        pytest.param("", (), id="none"),
        pytest.param(";lr", (("lr", None),), id="one without a value"),
        pytest.param(" ; Tag = a ;q=0.3", (("tag", "a"), ("q", "0.3")), id="blanks everywhere"),
        pytest.param(';a="x;y=z"', (("a", '"x;y=z"'),), id="a semicolon in quotes"),
        pytest.param(";received=2001:db8::9", (("received", "2001:db8::9"),), id="an address"),
        pytest.param(";branch=z9hG4bK==", (("branch", "z9hG4bK=="),), id="equals signs in a value"),
    ],
)
def test_parameters(text: str, items: tuple[tuple[str, str | None], ...]) -> None:
    """Names are lower-case, values as written."""
    assert header_params(text.strip()) == Params(items)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(";", id="a semicolon and nothing"),
        pytest.param(";;a=b", id="nothing between"),
        pytest.param(";a=", id="no value behind the equals sign"),
        pytest.param(";a=b c", id="two words"),
        pytest.param(";=b", id="no name"),
        pytest.param("x;a=b", id="something in front"),
        pytest.param(';a="b', id="a quote never closed"),
        pytest.param(';a="b"c', id="something behind the quote"),
        pytest.param(";a\u00e9=b", id="a name outside ASCII"),
    ],
)
def test_no_parameters(text: str) -> None:
    """What the grammar does not know is malformed."""
    with pytest.raises(MalformedError, match=r"parameter|quote"):
        header_params(text)


def test_asking_parameters() -> None:
    """The first of a name counts; a name without value is there, but says nothing."""
    params = header_params(';lr;tag="a b";TAG=c')

    assert "lr" in params
    assert "ttl" not in params
    assert (params.get("lr"), params.get("tag"), params.get("ttl")) == (None, "a b", None)
    assert str(params.without("tag").plus("rport", "1")) == ";lr;rport=1"


@pytest.mark.parametrize(
    ("text", "holds"), [("a-.!%*_+`'~9", True), ("", False), ("a b", False), ("a\n", False), ("é", False)]
)
def test_tokens(text: str, holds: bool) -> None:
    """A token is one word of ASCII."""
    assert is_token(text) == holds
