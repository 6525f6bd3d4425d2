"""Records written by a form are the records that would be written without one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.journal.canonical import canonical
from router.journal.form import Form, Forms
from router.journal.record import START, cut, seal, wrong

texts = st.text()
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=10,
)
objects = st.dictionaries(texts, values, max_size=8)


@given(whole=objects, chance=st.randoms(use_true_random=False))
def test_a_form_writes_what_canonical_writes(whole: dict[str, Any], chance: Any) -> None:
    """Whatever is printed, whatever is a gap, and whatever is filled in."""
    gaps = {name: value for name, value in whole.items() if chance.random() < 0.5}
    form = Form.of({name: value for name, value in whole.items() if name not in gaps}, gaps)

    assert form.filled(gaps) == (whole, canonical(whole))


@given(first=objects, second=objects)
def test_a_form_can_be_filled_again(first: dict[str, Any], second: dict[str, Any]) -> None:
    """Nothing of one filling is left in the next."""
    names = {*first, *second}
    form = Form.of({}, names)
    form.filled({name: first.get(name) for name in names})

    again = {name: second.get(name) for name in names}

    assert form.filled(again) == (again, canonical(again))


@pytest.mark.parametrize("gaps", [{}, {"a": 1}, {"a": 1, "b": 2, "c": 3}], ids=["none", "one missing", "one too many"])
def test_a_form_is_filled_in_wholly(gaps: dict[str, int]) -> None:
    """A record must hold what its line says, so a gap left open or a field beside the form is a bug that shows."""
    form = Form.of({"d": 4}, ["a", "b"])

    with pytest.raises((KeyError, ValueError)):
        form.filled(gaps)


@given(public=objects, private=objects)
def test_a_sealed_form_is_the_same_row(public: dict[str, Any], private: dict[str, Any]) -> None:
    """Byte for byte, and it holds."""
    printed = {"rule": "numbers.boston.calls.open", "plan": [{"ring": ["anna", "ben"]}]}
    public = {name: value for name, value in public.items() if name not in printed}
    private = {name: value for name, value in private.items() if name != "salt"}
    forms = Forms(Form.of(printed, public), Form.of({}, [*private, "salt"]))
    said: dict[str, Any] = {"seq": 1, "at": "2026-11-22T12:00:00.000000Z", "kind": "call", "prev": START.hash}

    record, line = seal(**said, public=public, private=private, salt=b"s" * 16, forms=forms)

    assert (record, line) == seal(**said, public=printed | public, private=private, salt=b"s" * 16)
    pieces = cut(line.removesuffix(b"\n"))
    assert pieces is not None
    assert wrong(pieces) is None
