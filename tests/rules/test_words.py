"""Words in texts: what a rule hears, what is an opt-out, what is a command."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import words
from rules.words import Words, command_word, opt_word, wants_out

URGENT = Words.of(["urgent", "Leak", "gas smell", "dégât", "漏水", "आग"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("URGENT leak in the kitchen", True, id="in capitals"),
        pytest.param("it is urgent", True, id="at the end"),
        pytest.param("urgent", True, id="alone"),
        pytest.param("urgently needed", False, id="part of a longer word"),
        pytest.param("insurgent", False, id="end of a longer word"),
        pytest.param("urgent!!!", True, id="before punctuation"),
        pytest.param("(urgent)", True, id="in brackets"),
        pytest.param("non-urgent", True, id="a hyphen separates"),
        pytest.param("_urgent_", True, id="an underscore separates"),
        pytest.param("🔥urgent🔥", True, id="between emoji"),
        pytest.param("\u2764\ufe0furgent", True, id="after an emoji with a variation selector"),
        pytest.param("\U0001f468\u200d\U0001f527urgent", True, id="after a joined emoji"),
        pytest.param("ＵＲＧＥＮＴ", True, id="full width"),
        pytest.param("ur\u00adgent", True, id="with a soft hyphen"),
        pytest.param("\u200burgent\u200b", True, id="between zero-width spaces"),
        pytest.param("“urgent”", True, id="in typographic quotes"),
        pytest.param("urgent2", False, id="a digit belongs to the word"),
        pytest.param("the leak's back", True, id="with an apostrophe"),
        pytest.param("gas smell here", True, id="a phrase"),
        pytest.param("gas,\n  SMELL!", True, id="a phrase over punctuation and lines"),
        pytest.param("gas, no smell", False, id="a phrase interrupted"),
        pytest.param("biogas smell", False, id="a phrase needs whole words"),
        pytest.param("Dégât des eaux", True, id="accented"),
        pytest.param("De\u0301ga\u0302t", True, id="accents written apart"),
        pytest.param("degat", False, id="without its accents"),
        pytest.param("厨房漏水了", True, id="Chinese has no spaces"),
        pytest.param("漏气水", False, id="Chinese signs apart"),
        pytest.param("घर में आग लगी", True, id="Hindi"),
        pytest.param("आगे चलो", False, id="a Hindi vowel sign makes another word"),
        pytest.param("", False, id="nothing"),
        pytest.param("🔥", False, id="only an emoji"),
    ],
)
def test_whole_words(text: str, expected: bool) -> None:
    """A word is heard whole, whatever its case and neighbours."""
    assert URGENT.matches(text) is expected


def test_no_words_hear_nothing() -> None:
    """Entries without a single letter or digit never match."""
    assert not Words.of(["", "!!", "🔥"]).matches("anything 🔥 !!")


STOP = """stop|STOP|Stop|StOp| stop |stop\n|\tstop|stop.|stop!|stop!!!|STOP?|"stop"|'stop'|“stop”|(stop)|*stop*|stop…|-stop-|
stop 🛑|🛑stop|s t o p|S.T.O.P.|ＳＴＯＰ|ｓｔｏｐ|stóp|\u200bstop|stop\u200b|stop\ufeff|_stop_|#stop|stop,|
stopall|STOPALL|stop all|Stop All.|STOP-ALL|ＳＴＯＰＡＬＬ|quit|QUIT|Quit!|quit.|q u i t|ＱＵＩＴ|end|END|End.|end!|ＥＮＤ|
revoke|REVOKE|Revoke.|ＲＥＶＯＫＥ|opt out|OPT OUT|Opt-Out|opt-out|optout|OPTOUT|Opt out.|opt_out|ｏｐｔ　ｏｕｔ|“Opt out!”|
cancel|CANCEL|Cancel!|cancel.|ＣＡＮＣＥＬ|unsubscribe|UNSUBSCRIBE|Unsubscribe.|un-subscribe|ＵＮＳＵＢＳＣＲＩＢＥ|
arret|ARRET|arrêt|ARRÊT|Arre\u0302t!|ＡＲＲＥＴ"""
START = "start|START|Start!| start |ＳＴＡＲＴ|unstop|UNSTOP|Unstop.|un-stop|s.t.a.r.t"
HELP = "help|HELP|Help!|help?|ＨＥＬＰ|“help”|info|INFO|Info?|aide|AIDE|Aide !"
NONE = """please stop texting me|stop texting me|STOP IT|don't stop|can you stop by tomorrow?|stop by|stops|stopped|nonstop|
bus stop|stop please|pls stop|STOP STOP STOP|stop the delivery|stop 2|stop1|the end|end of the month|weekend|ending|
cancel my order|please cancel|cancel appointment 3pm|cancelled|cancellation|quit smoking|I quit|quite|opt|out|opt in|optional|
unsubscribe me|revoked|revoke access please|started|start over|let's start|restart|restart please|starting|yes|YES|Yes!|no|ok|
help me|i need help|helpful|info please|information|more info|infos|hilfe|thanks|can you quote for a sofa|URGENT leak|1|🛑|?||   |
st0p|sto|top|stp|ＳＴＯ|STOPP|arretez|halt"""


def spellings(table: str) -> list[str]:
    """Split a table at its bars; a bar at the end of a line joins it with the next."""
    return table.replace("|\n", "|").split("|")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(text, expected, id=f"{expected}: {text!r}")
        for table, expected in ((STOP, "stop"), (START, "start"), (HELP, "help"), (NONE, None))
        for text in spellings(table)
    ],
)
def test_opt_out_in_and_help(text: str, expected: str | None) -> None:
    """The carriers' words alone count, however they are written; wording of one's own is for people."""
    assert opt_word(text) == expected


OUT = """please stop texting me|Stop texting me!|STOP IT|stop please|pls stop|STOP STOP STOP|Please, don't text me again|do not text this number|
Don’t contact me anymore|stop sending me messages|no more texts please|No more messages!|never text me again|quit texting me|
unsubscribe me|Unsubscribe me from this list|remove me from your list|take me off your list|remove my number|opt me out|
lose my number|delete this number|please unsubscribe|leave me alone|stop messaging us|enough with the texts|cease all contact|
STOPP|arretez|halt|stop writing to me|I said stop texting me|stop all texts|stop the messages"""
IN = """don't stop|can you stop by tomorrow?|stop by|bus stop|stop the delivery|stop 2|the end|please cancel my order|cancel appointment 3pm|
please send me a text when it is ready|do not send the sofa|text me when you can|I never got your message|please do not forget me|
quit smoking|unsubscribed|remove the old sofa please|take me to the showroom|leave it with my neighbour|my number is below|
no more than two|stop at the gate|thanks|I can't text|don't worry|contact me any time|write to me|delete the second chair|||🛑|STOP|
we do not contact each other often enough to say"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(text, expected, id=f"{expected}: {text!r}")
        for table, expected in ((OUT, True), (IN, False))
        for text in spellings(table)
    ],
)
def test_a_wish_in_ones_own_words(text: str, expected: bool) -> None:
    """It is pointed out to people, and never acted upon; what the carriers' words say is no matter of wording."""
    assert wants_out(text) is expected


def test_the_table_is_long_enough() -> None:
    """At least 120 strings are looked at."""
    assert sum(len(spellings(table)) for table in (STOP, START, HELP, NONE)) >= 120


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("stop" + "!" * 196, "stop", id="as long as is looked at"),
        pytest.param("stop" + "!" * 197, None, id="longer is no command"),
    ],
)
def test_a_long_text_is_no_opt_out(text: str, expected: str | None) -> None:
    """A message of many characters is not folded at all."""
    assert opt_word(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("away until mon 08:00", True, id="away"),
        pytest.param("Away.", True, id="away alone"),
        pytest.param("back", True, id="back"),
        pytest.param("ＯＶＥＲＲＩＤＥ boston closed for today", True, id="override in full width"),
        pytest.param("override", True, id="override alone"),
        pytest.param("4711 away until mon 08:00", True, id="a PIN before it"),
        pytest.param("PIN: 4711, away", True, id="and said to be one"),
        pytest.param("**** away", True, id="a PIN that was hidden"),
        pytest.param("4711", False, id="a PIN alone"),
        pytest.param("3 away", False, id="a number too short for a PIN"),
        pytest.param("I am away", False, id="not the first word"),
        pytest.param("backwards", False, id="a longer word"),
        pytest.param("", False, id="nothing"),
        pytest.param("!!", False, id="no word"),
    ],
)
def test_commands(text: str, expected: bool) -> None:
    """A command begins with its word."""
    assert command_word(text) is expected


@given(st.text())
def test_nothing_fails(text: str) -> None:
    """Whatever is written is understood or not, but never an error."""
    assert opt_word(text) in ("stop", "start", "help", None)
    assert wants_out(text) in (True, False)
    assert command_word(text) in (True, False)
    assert URGENT.matches(text) in (True, False)
    assert URGENT.matches(f"{text} urgent!")


@given(st.text(max_size=40))
def test_a_text_becomes_its_signs_one_by_one(text: str) -> None:
    """What is remembered of each character, and the short way for ASCII, change nothing."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    signs = "".join(words._sign(ord(char)) for char in folded)

    assert words._spaced(text) == f" {' '.join(signs.split())} "


def test_what_is_remembered_of_characters_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender who goes through all of Unicode does not fill the memory; in the middle of a text, too."""
    monkeypatch.setattr(words, "_SIGNS", words._Signs())
    monkeypatch.setattr(words, "_SIGNS_KEPT", 3)

    assert words._spaced("ab-cd-éf gh") == " ab cd éf gh "
    assert len(words._SIGNS) <= 3
