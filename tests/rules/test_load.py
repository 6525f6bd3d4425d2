"""From files to a book, or to all that is wrong."""

import gc

import pytest

from rules.load import digest, load

GOOD = """
version: 1
listen: {public: 127.0.0.1:8080}
public_url: https://phone.example.com
providers: {line: {adapter: generic, secret: env:SECRET}}
business: {name: Acme, timezone: Europe/London, country: GB, region: ENG}
people: {ann: {devices: {mobile: "+44 20 7946 0143"}, texts_by: [sms]}}
numbers:
  main:
    number: "+44 20 7946 0100"
    provider: line
    voicemail: box
    calls: {open: [{play: hello.mp3}, {ring: ann}]}
    texts: {open: {to: ann}}
voicemail: {box: {greeting: {play: https://example.com/box.mp3}, notify: ann, max: 1m}}
"""


def test_good_files_make_a_book() -> None:
    """The greeting file is found under its hash, an address on the web stays as it is."""
    loaded = load("a.yaml", {"a.yaml": GOOD.encode()}, lambda name: "media:abc.mp3" if name == "hello.mp3" else None)

    assert loaded.problems == ()
    assert loaded.book
    assert loaded.book.media == {"media:abc.mp3": "hello.mp3"}
    assert loaded.book.ruleset == loaded.ruleset == digest("a.yaml", {"a.yaml": GOOD.encode()})


def test_the_collector_does_not_run_meanwhile() -> None:
    """It would walk half a million new things, over and over; afterwards it goes on."""
    meanwhile: list[bool] = []
    load("a.yaml", {"a.yaml": GOOD.encode()}, lambda _name: meanwhile.append(gc.isenabled()))

    assert set(meanwhile) == {False}
    assert gc.isenabled()


@pytest.mark.parametrize(
    ("many", "apart"), [pytest.param(0, True, id="a large file"), pytest.param(10**9, False, id="a small one")]
)
def test_what_a_large_file_makes_is_set_apart(monkeypatch: pytest.MonkeyPatch, many: int, apart: bool) -> None:
    """The collector would walk through all of it once more, as soon as it goes on."""
    monkeypatch.setattr("rules.files._MANY", many)
    before = gc.get_freeze_count()

    load("a.yaml", {"a.yaml": GOOD.encode()}, lambda _name: None)
    after = gc.get_freeze_count()
    gc.unfreeze()

    assert (after > before) is apart


def test_a_greeting_that_is_not_there_is_a_mistake() -> None:
    """A file named must exist when the rules are loaded."""
    loaded = load("a.yaml", {"a.yaml": GOOD.encode()}, lambda _name: None)

    assert loaded.book is None
    assert [(problem.code, problem.at.line) for problem in loaded.errors] == [("missing-file", 13)]


def test_all_mistakes_of_all_files_come_in_the_order_of_the_files() -> None:
    """The main file first, then the others, each by line; there is no book, but the texts are there to show."""
    main = GOOD.replace("ring: ann", "ring: anna").encode() + b"rule_files: [more.yaml]\n"
    more = b"people: {bob: {device: {}}}\nteams: {crew: {members: [bobb]}}\n"

    loaded = load("z.yaml", {"more.yaml": more, "z.yaml": main}, lambda _name: "media:abc.mp3")

    assert loaded.book is None
    places = [(problem.at.file, problem.at.line) for problem in loaded.errors]
    assert places == sorted(places, key=lambda place: (place[0] != "z.yaml", place))
    assert {place[0] for place in places} == {"z.yaml", "more.yaml"}
    assert set(loaded.texts) == {"z.yaml", "more.yaml"}


def test_something_that_is_no_rule_file_at_all() -> None:
    """Nothing that stands in a file raises."""
    loaded = load("a.yaml", {"a.yaml": b"\xff\xfe\x00"}, lambda _name: None)

    assert loaded.book is None
    assert loaded.spec is None
    assert loaded.errors


@pytest.mark.parametrize(
    ("other", "same"),
    [
        pytest.param({"a.yaml": b"x", "b.yaml": b"y"}, True, id="the same files"),
        pytest.param({"b.yaml": b"y", "a.yaml": b"x"}, True, id="in another order"),
        pytest.param({"a.yaml": b"x", "b.yaml": b"z"}, False, id="one byte changed"),
        pytest.param({"a.yaml": b"xy", "b.yaml": b""}, False, id="a byte moved to another file"),
        pytest.param({"a.yaml": b"x"}, False, id="a file less"),
    ],
)
def test_the_hash_covers_all_files(other: dict[str, bytes], same: bool) -> None:
    """Two sets of files have one name if and only if their content is the same."""
    assert (digest("a.yaml", {"a.yaml": b"x", "b.yaml": b"y"}) == digest("a.yaml", other)) == same
