"""Our form parser reads what the standard library reads, and refuses what it must."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from adapters.api import RefusedError
from adapters.form import MAX_LOOSE, MAX_PARAMETERS, read_form

_TRICKY = st.text(alphabet="ab%+&=;2BCc3aé✓😀 \x00\n", max_size=40)


def _reference(raw: bytes) -> list[tuple[str, str]] | None:
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except ValueError:
        return None


def _ours(raw: bytes) -> list[tuple[str, str]] | None:
    try:
        return read_form(raw).pairs
    except RefusedError:
        return None


@given(raw=st.one_of(_TRICKY.map(str.encode), st.binary(max_size=60)))
def test_any_bytes_read_as_the_standard_library_reads_them(raw: bytes) -> None:
    """The same pairs, or a refusal where the standard library raises."""
    assume(raw.count(b"%") <= MAX_LOOSE)

    assert _ours(raw) == _reference(raw)


@given(pairs=st.lists(st.tuples(st.text(max_size=10), st.text(max_size=20)), max_size=20))
def test_what_was_encoded_comes_back(pairs: list[tuple[str, str]]) -> None:
    """Encoding any fields and parsing them gives the same fields, blank ones too."""
    assert read_form(urlencode(pairs).encode()).pairs == pairs


@pytest.mark.parametrize(
    ("raw", "pairs"),
    [
        pytest.param(b"", [], id="nothing"),
        pytest.param(b"&&", [], id="only separators"),
        pytest.param(b"a", [("a", "")], id="a name without a value"),
        pytest.param(b"a=&b=", [("a", ""), ("b", "")], id="blank values are kept"),
        pytest.param(b"=1", [("", "1")], id="a value without a name"),
        pytest.param(b"From=%2B15551230000", [("From", "+15551230000")], id="a number"),
        pytest.param(b"a=%2B1%2B2", [("a", "+1+2")], id="two escaped signs"),
        pytest.param(b"a=%2b+1", [("a", "+ 1")], id="an escape in lower case"),
        pytest.param(b"a=%zz%", [("a", "%zz%")], id="escapes that are none stay"),
        pytest.param(b"a=%zz%41%5c\\x41", [("a", "%zzA\\\\x41")], id="and leave the others alone"),
        pytest.param(b"a=%41%5c\\x41%C3%BC", [("a", "A\\\\x41\u00fc")], id="a backslash is a letter"),
        pytest.param(b"a=" + b"%" * MAX_LOOSE, [("a", "%" * MAX_LOOSE)], id="a few signs that begin no escape"),
        pytest.param(b"a+b=1;c=2", [("a b", "1;c=2")], id="a semicolon does not separate"),
        pytest.param("ü=✓".encode(), [("ü", "✓")], id="raw UTF-8"),
    ],
)
def test_forms_by_example(raw: bytes, pairs: list[tuple[str, str]]) -> None:
    """The corner cases, spelled out."""
    assert read_form(raw).pairs == pairs


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"a=\xff", id="a raw byte that is not UTF-8"),
        pytest.param(b"a=%ff", id="an escaped byte that is not UTF-8"),
        pytest.param(b"%c3=1", id="half a character in a name"),
        pytest.param(b"a=%ed%a0%80", id="a lone surrogate"),
        pytest.param(b"&" * MAX_PARAMETERS, id="one parameter too many"),
        pytest.param(b"a=%41" + b"%" * MAX_LOOSE, id="a form nobody encoded"),
    ],
)
def test_malformed_forms_are_refused(raw: bytes) -> None:
    """They get 400, never an exception of ours."""
    with pytest.raises(RefusedError) as refused:
        read_form(raw)

    assert (refused.value.code, refused.value.reason) == (400, "malformed")


def test_as_many_parameters_as_allowed_are_read() -> None:
    """The limit itself is inside."""
    assert len(read_form(b"&".join([b"a=1"] * MAX_PARAMETERS)).pairs) == MAX_PARAMETERS
