"""One row: canonical, sealed, chained; what an outsider with nothing but the specification would recompute."""

import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.journal import record as records
from router.journal.canonical import canonical
from router.journal.record import START, ZERO, Record, cut, read, seal, trusted, wrong

AT = "2026-11-22T12:00:00.000000Z"
SALT = bytes(range(16))

texts = st.text(st.characters(exclude_categories=("Cs",)))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
objects = st.dictionaries(texts, values, max_size=5)


def made(public: dict[str, Any] | None = None, private: dict[str, Any] | None = None) -> tuple[Record, bytes]:
    """Return a record with its line."""
    return seal(
        seq=1,
        at=AT,
        kind="call",
        public={"id": "A"} if public is None else public,
        private={"from": "+12025550123"} if private is None else private,
        prev=ZERO,
        salt=SALT,
    )


def refuse(text: str) -> Any:
    """Take no float."""
    raise AssertionError(text)


@given(public=objects, private=objects)
def test_an_outsider_recomputes_both_hashes(public: dict[str, Any], private: dict[str, Any]) -> None:
    """`sealed` and `hash` follow from the line alone, by the rules of the architecture page and Python's own json."""
    _, line = made(public, private)

    row = json.loads(line, parse_float=refuse)

    def plainly(value: Any) -> bytes:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    assert list(row) == ["v", "seq", "at", "kind", "public", "sealed", "private", "prev", "hash"]
    assert row["sealed"] == sha256(plainly(row["private"])).hexdigest()
    hashed = {name: row[name] for name in ("v", "seq", "at", "kind", "public", "sealed", "prev")}
    assert row["hash"] == sha256(plainly(hashed)).hexdigest()


@given(public=objects, private=objects)
def test_a_record_comes_back_as_it_was_made(public: dict[str, Any], private: dict[str, Any]) -> None:
    """Writing and reading is the identity, and the line is one line."""
    record, line = made(public, private)

    pieces = cut(line.removesuffix(b"\n"))

    assert line.count(b"\n") == 1
    assert pieces is not None
    assert wrong(pieces) is None
    assert read(pieces) == record
    assert record.private == {**private, "salt": SALT.hex()}


@given(values)
def test_canonical_is_the_same_for_the_same_value(value: Any) -> None:
    """What was read from canonical text is written as that very text."""
    text = canonical(value)

    assert canonical(json.loads(text)) == text


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    """A text of a hostile sender cannot make a line that is not UTF-8."""
    assert canonical({"text": "a\ud800b"}) == b'{"text":"a?b"}'


def test_what_is_no_json_cannot_be_written() -> None:
    """Bytes or dates in a record are a bug of ours and show at once."""
    with pytest.raises(TypeError, match="not JSON serializable"):
        canonical({"body": b"bytes"})


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        pytest.param(2**64 - 1, True, id="the largest of 64 bits"),
        pytest.param(2**64, False, id="one more"),
        pytest.param(-(2**63), True, id="the smallest of 64 bits"),
        pytest.param(-(2**63) - 1, False, id="one less"),
    ],
)
def test_numbers_have_64_bits(number: int, fits: bool) -> None:
    """A longer one would not come back from every reader as it was written."""
    if fits:
        assert canonical([number]) == b"[%d]" % number
    else:
        with pytest.raises(TypeError):
            canonical([number])


def test_a_named_tuple_is_a_list() -> None:
    """As Python's own json has it; also beside half a surrogate pair."""
    assert canonical({"at": START, "name": "\ud800"}) == canonical({"at": [0, ZERO], "name": "?"})


def test_the_seal_cannot_be_guessed_from_the_number() -> None:
    """Two records of the same number have different seals: the salt is random."""
    first, _ = made()
    second, _ = seal(
        seq=1, at=AT, kind="call", public={"id": "A"}, private={"from": "+12025550123"}, prev=ZERO, salt=SALT[::-1]
    )

    assert first.sealed != second.sealed


def test_an_erased_record_still_holds() -> None:
    """With `private: null` the seal stands for what was there, and the chain goes on."""
    record, line = made()
    start = line.index(b',"private":') + len(b',"private":')
    erased = line[:start] + b"null" + line[line.index(b',"prev":') : -1]

    pieces = cut(erased)

    assert pieces is not None
    assert wrong(pieces) is None
    again = trusted(pieces)
    assert again is not None
    assert (again.private, again.hash) == (None, record.hash)


def test_a_row_that_was_hashed_but_is_no_json_is_not_trusted() -> None:
    """Whoever can hash can forge a row; what cannot be parsed is passed over all the same."""
    private = b"{nonsense}"
    sealed = sha256(private).hexdigest()
    text = records._hashed(1, AT.encode(), b"call", b"{}", sealed.encode(), START.hash.encode())
    line = (
        f'{{"v":1,"seq":1,"at":"{AT}","kind":"call","public":{{}},"sealed":"{sealed}","private":'.encode()
        + private
        + f',"prev":"{ZERO}","hash":"{sha256(text).hexdigest()}"}}'.encode()
    )

    pieces = cut(line)

    assert pieces is not None
    assert wrong(pieces) is None
    assert trusted(pieces) is None


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        pytest.param(b'"id":"A"', b'"id":"B"', "hash", id="the public part"),
        pytest.param(b"+12025550123", b"+12025550124", "sealed", id="the private part"),
        pytest.param(b'"seq":1', b'"seq":2', "hash", id="the number of the row"),
        pytest.param(b"12:00:00", b"12:00:01", "hash", id="the time"),
    ],
)
def test_a_changed_row_says_what_was_changed(before: bytes, after: bytes, what: str) -> None:
    """A row that was edited does not hold, and is not trusted."""
    _, line = made()

    pieces = cut(line.replace(before, after).removesuffix(b"\n"))

    assert pieces is not None
    assert wrong(pieces) == what
    assert trusted(pieces) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b'{"v":1,', b'{"v":1, ', id="a space too many"),
        pytest.param(b'"seq":1', b'"seq":01', id="a number written another way"),
        pytest.param(b'"v":1', b'"v":2', id="another version"),
        pytest.param(b'"kind"', b'"kinds"', id="another field"),
    ],
)
def test_what_is_not_written_as_we_write_it_is_no_row(before: bytes, after: bytes) -> None:
    """There is one way to write a row."""
    _, line = made()

    assert cut(line.replace(before, after).removesuffix(b"\n")) is None
