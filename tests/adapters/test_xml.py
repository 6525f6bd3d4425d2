"""Whatever text goes into a document, a parser reads the same verbs and the same visible text back."""

import unicodedata
from xml.etree import ElementTree
from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.xml import Element, document, plain

_ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)
_NASTY = st.one_of(
    _ANY_TEXT,
    st.sampled_from(
        [
            "</Say><Dial>+1900</Dial>",
            "]]>",
            "<![CDATA[x]]>",
            "&amp;",
            "\x0b\x00",
            "\u202eevil\u202c",
            "\ud800",
            "\r\n\t",
            '"><x a="',
            "￾￿",
        ]
    ),
)


@given(said=_NASTY, value=_NASTY)
def test_any_text_comes_back_and_adds_no_verb(said: str, value: str) -> None:
    """Expat accepts the document, finds exactly the verbs written, and the cleaned text in them."""
    names: list[str] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, _attributes: names.append(name)

    written = document(Element("Response", {}, (Element("Say", {"voice": value, "loop": None}, (said,)),)))

    parser.Parse(written, True)
    assert names == ["Response", "Say"]
    say = ElementTree.fromstring(written)[0]
    assert (say.text or "") == plain(said)
    assert say.attrib == {"voice": plain(value)}


@given(text=_ANY_TEXT)
def test_plain_text_holds_nothing_invisible_that_rules_a_line(text: str) -> None:
    """No control character but tab and line ends, no lone surrogate, nothing that turns the writing around."""
    left = plain(text)

    assert plain(left) == left
    for char in left:
        assert char in "\t\n\r" or not (ord(char) < 0x20 or unicodedata.category(char) == "Cs")
        assert unicodedata.bidirectional(char) not in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        pytest.param(Element("Hangup"), "<Hangup/>", id="an empty verb"),
        pytest.param(Element("Say", {}, ("a & b",)), "<Say>a &amp; b</Say>", id="an ampersand"),
        pytest.param(Element("Say", {}, ("]]>",)), "<Say>]]&gt;</Say>", id="the end of a CDATA section"),
        pytest.param(Element("Dial", {"b": "1", "a": "2"}), '<Dial b="1" a="2"/>', id="attributes in the order given"),
        pytest.param(Element("Dial", {"a": None, "b": '"\n'}), '<Dial b="&quot;&#10;"/>', id="a quote and a line end"),
    ],
)
def test_documents_by_example(element: Element, expected: str) -> None:
    """How it looks."""
    assert document(element) == f'<?xml version="1.0" encoding="UTF-8"?>{expected}'.encode()
