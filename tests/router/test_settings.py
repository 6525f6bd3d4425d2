"""What ops say, made ready: listeners, folders, secrets; and files read by content."""

from pathlib import Path
from typing import Any

import pytest

import router.files
from router.files import Files, UnreadableError, Watched, digest, hash_of
from router.lastgood import LastGood
from router.loading import InForce, Refusal, Source
from router.settings import Listen

FOLDER = Path("/etc/switchhook")


@pytest.mark.parametrize(
    ("text", "place", "loopback"),
    [
        pytest.param("127.0.0.1:8080", Listen("127.0.0.1", 8080), True, id="this machine"),
        pytest.param("localhost:0", Listen("localhost", 0), True, id="by name, any port"),
        pytest.param("[::1]:8080", Listen("::1", 8080), True, id="this machine, IPv6"),
        pytest.param("0.0.0.0:65535", Listen("0.0.0.0", 65535), False, id="everybody"),
        pytest.param("unix:run/hook.sock", Listen(path=FOLDER / "run/hook.sock"), True, id="a socket beside the file"),
        pytest.param("unix:/run/hook.sock", Listen(path=Path("/run/hook.sock")), True, id="a socket elsewhere"),
    ],
)
def test_places_to_listen(text: str, place: Listen, loopback: bool) -> None:
    """Read, and written back as they are understood."""
    found = Listen.parse(text, FOLDER)

    assert (found, found is not None and found.loopback) == (place, loopback)
    assert Listen.parse(str(found), FOLDER) == place


@pytest.mark.parametrize("text", ["8080", ":8080", "host:", "host:65536", "host:eighty", "host:٨", "unix:", ""])
def test_what_is_no_place(text: str) -> None:
    """Is not guessed at."""
    assert Listen.parse(text, FOLDER) is None


@pytest.fixture
def folder(tmp_path: Path, engines: Any) -> Path:
    """Return a folder with the office's file in it."""
    (tmp_path / "config.yaml").write_text(engines.OFFICE)
    return tmp_path


def _source(folder: Path, engines: Any, **environment: str) -> Source:
    return Source(folder / "config.yaml", engines.ENVIRONMENT | environment)


def _edit(folder: Path, old: str, new: str) -> None:
    path = folder / "config.yaml"
    written = path.read_text()
    assert old in written
    path.write_text(written.replace(old, new))


def test_settings_of_a_file(folder: Path, engines: Any) -> None:
    """Relative folders lie beside the file; the public address has no slash at its end."""
    _edit(folder, "example/base", "example/base/")
    _edit(folder, 'admin: "127.0.0.1:0"', 'metrics: "127.0.0.1:9100"')

    made = _source(folder, engines).read(engines.TUESDAY_10)

    assert isinstance(made, InForce)
    settings = made.settings
    assert settings.state == folder / "state"
    assert settings.public_url == "https://phone.example/base"
    assert (settings.admin, settings.metrics) == (
        Listen(path=folder / "state/admin.sock"),
        Listen("127.0.0.1", 9100),
    )
    assert list(settings.providers) == ["pbx"]


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        pytest.param("env:PBX_SECRET", "env:UNSET", "secret-missing", "UNSET is not set", id="a variable nobody set"),
        pytest.param(
            "env:PBX_SECRET", "file:gone", "secret-missing", "no such file or directory", id="a file that is not there"
        ),
        pytest.param("env:PBX_SECRET", "file:empty", "secret-missing", "is empty", id="a file with nothing in it"),
        pytest.param("env:PBX_SECRET", "file:binary", "secret-missing", "does not hold text", id="a file of bytes"),
        pytest.param('public: "127.0.0.1:0"', 'public: "8080"', None, "is nothing to listen on", id="only a port"),
        pytest.param("adapter: generic", "adapter: generik", None, "did you mean 'generic'", id="an adapter misspelt"),
    ],
)
def test_what_cannot_be_had_is_a_problem_with_its_place(
    folder: Path, engines: Any, old: str, new: str, code: str | None, words: str
) -> None:
    """All of it, with the line and a way out; nothing is started with it."""
    (folder / "empty").write_text("\n")
    (folder / "binary").write_bytes(b"\xff\xfe")
    _edit(folder, old, new)

    made = _source(folder, engines).read(engines.TUESDAY_10)

    assert isinstance(made, Refusal)
    assert len(made.problems) == 1
    assert code in (None, made.problems[0].code)
    assert words in made.shown


def test_pins(folder: Path, engines: Any) -> None:
    """Each is read where its entry says; it never shows when settings are printed."""
    _edit(folder, "  ben: {", "  ben: {pin: env:BEN_PIN, ")

    made = _source(folder, engines, BEN_PIN="4711\n").read(engines.TUESDAY_10)

    assert isinstance(made, InForce)
    assert made.settings.pins == {"ben": "4711"}
    assert "4711" not in repr(made.settings)


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        pytest.param({}, "secret-missing", id="nowhere to be found"),
        pytest.param({"BEN_PIN": "471"}, "bad-pin", id="three digits"),
        pytest.param({"BEN_PIN": "1234567890123"}, "bad-pin", id="thirteen digits"),
        pytest.param({"BEN_PIN": "sesame"}, "bad-pin", id="a word"),
    ],
)
def test_a_pin_that_cannot_be_used(folder: Path, engines: Any, environment: dict[str, str], code: str) -> None:
    """Is told with its place, and not shown."""
    _edit(folder, "  ben: {", "  ben: {pin: env:BEN_PIN, ")

    made = _source(folder, engines, **environment).read(engines.TUESDAY_10)

    assert isinstance(made, Refusal)
    assert [problem.code for problem in made.problems] == [code]
    assert environment.get("BEN_PIN", "none") not in made.shown


def test_a_secret_in_a_file(folder: Path, engines: Any) -> None:
    """Its last newline is not part of it; a change of the file is a change of the configuration."""
    _edit(folder, "env:PBX_SECRET", "file:secret")
    (folder / "secret").write_text(engines.ENVIRONMENT["PBX_SECRET"] + "\n")
    source = _source(folder, engines)

    made = source.read(engines.TUESDAY_10)
    before = source.digest(made.beside)
    (folder / "secret").write_text(engines.ENVIRONMENT["PBX_SECRET"] + "=\n")

    assert isinstance(made, InForce)
    assert before == made.digest
    assert source.digest(made.beside) != before


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        pytest.param(('public: "127.0.0.1:0"', 'public: "127.0.0.1:1"'), ("listen",), id="where to listen"),
        pytest.param(("public_url", "state: elsewhere\npublic_url"), ("state",), id="the state folder"),
        pytest.param(("Please leave", "Kindly leave"), (), id="words"),
        pytest.param(("example/base", "example/other"), (), id="the public address"),
    ],
)
def test_what_needs_a_restart(folder: Path, engines: Any, change: tuple[str, str], parts: tuple[str, ...]) -> None:
    """Ports and folders; everything else comes into force."""
    before = _source(folder, engines).read(engines.TUESDAY_10)
    _edit(folder, *change)
    after = _source(folder, engines).read(engines.TUESDAY_10)

    assert isinstance(before, InForce)
    assert isinstance(after, InForce)
    assert before.settings.needs_restart(after.settings) == parts


# ---------------------------------------------------------------- files


def test_several_files(folder: Path, engines: Any) -> None:
    """Those named by patterns are read, in order and once, and none outside the folder."""
    office = folder / "office"
    office.mkdir()
    (office / "b.yaml").write_text("plans:\n  storm: {calls: [{voicemail: main}]}\n")
    (office / "a.yaml").write_text("plans:\n  snow: {calls: [{voicemail: main}]}\n")
    (office / "folder.yaml").mkdir()
    _edit(folder, "business:", 'rule_files: ["office/*.yaml", office/a.yaml, "../*", "/etc/passwd"]\nbusiness:')

    files = Files.read(folder / "config.yaml")

    assert [Path(name).name for name in files.texts] == ["config.yaml", "a.yaml", "b.yaml"]


@pytest.mark.parametrize(
    ("names_files", "parsed"),
    [pytest.param(False, 0, id="it names no others"), pytest.param(True, 1, id="it names others")],
)
def test_an_unchanged_file_is_not_parsed_again(
    folder: Path, engines: Any, monkeypatch: pytest.MonkeyPatch, names_files: bool, parsed: int
) -> None:
    """The poll for changes reads it every few seconds: it is compared, and parsed only when it is another."""
    if names_files:
        _edit(folder, "business:", 'rule_files: ["office/*.yaml"]\nbusiness:')
    times: list[str] = []
    globs = router.files.rule_globs
    monkeypatch.setattr("router.files.rule_globs", lambda name, text: times.append(name) or globs(name, text))
    source = _source(folder, engines)

    digests = {source.digest(frozenset()) for _ in range(3)}
    before = len(times)
    _edit(folder, "business:", "# another line\nbusiness:")
    digests.add(source.digest(frozenset()))

    assert (before, len(times), len(digests)) == (parsed, 2 * parsed, 2)


def test_a_file_that_is_not_there(tmp_path: Path, engines: Any) -> None:
    """Is told in a sentence, and that is all."""
    source = Source(tmp_path / "none.yaml", {})

    made = source.read(0.0)

    assert isinstance(made, Refusal)
    assert "none.yaml: cannot be read: no such file or directory" in made.shown
    assert made.digest == source.digest(frozenset())
    assert made.state == tmp_path / "state"


@pytest.mark.parametrize("many", [pytest.param(False, id="one file"), pytest.param(True, id="all together")])
def test_files_that_are_too_large(folder: Path, monkeypatch: pytest.MonkeyPatch, many: bool) -> None:
    """Are refused before anything of them is parsed."""
    size = (folder / "config.yaml").stat().st_size
    monkeypatch.setattr("router.files.LARGEST", size + 40 if many else size - 1)
    (folder / "more.yaml").write_text("#" * 100)
    _edit(folder, "business:", "rule_files: more.yaml\nbusiness:")

    with pytest.raises(UnreadableError, match="larger than"):
        Files.read(folder / "config.yaml")


def test_greetings_are_known_by_content(folder: Path, engines: Any) -> None:
    """Under their hash, with their ending; a missing one is a problem, and its appearance a change."""
    _edit(folder, "{say: Leave a message.}", "{play: sounds/hello.WAV}")
    source = _source(folder, engines)

    missing = source.read(engines.TUESDAY_10)
    before = source.digest(missing.beside)
    (folder / "sounds").mkdir()
    (folder / "sounds/hello.WAV").write_bytes(b"RIFF")
    found = source.read(engines.TUESDAY_10)

    assert isinstance(missing, Refusal)
    assert isinstance(found, InForce)
    assert before == missing.digest != source.digest(missing.beside)
    assert source.digest(found.beside) == found.digest
    assert list(found.media) == [f"{hash_of(folder / 'sounds/hello.WAV')}.wav"]


def test_the_digest_tells_every_change(tmp_path: Path) -> None:
    """Of names and contents, and of files beside."""
    one = Files("a", tmp_path, {"a": b"1", "b": b"2"})
    others = [
        digest(Files("a", tmp_path, texts), beside)
        for texts, beside in [
            ({"a": b"1", "b": b"2"}, {}),
            ({"a": b"1", "c": b"2"}, {}),
            ({"a": b"12", "b": b""}, {}),
            ({"a": b"1", "b": b"2"}, {tmp_path / "x": None}),
            ({"a": b"1", "b": b"2"}, {tmp_path / "x": "00"}),
        ]
    ]

    assert digest(one, {}) == others[0]
    assert len(set(others)) == 5


def test_a_file_that_is_still_being_copied(tmp_path: Path) -> None:
    """What counts is how it was when it was first looked for: the rest of it is a change."""
    greeting, watched = tmp_path / "hello.wav", Watched()
    greeting.write_bytes(b"RI")

    first = watched.add(greeting)
    greeting.write_bytes(b"RIFF")

    assert watched.add(greeting) == first != hash_of(greeting)


# ---------------------------------------------------------------- the last good set


def test_the_last_good_set_comes_back_whole(folder: Path, engines: Any) -> None:
    """With its greetings, although everything else has gone."""
    _edit(folder, "{say: Leave a message.}", "{play: hello.wav}")
    (folder / "hello.wav").write_bytes(b"RIFF")
    source = _source(folder, engines)
    made = source.read(engines.TUESDAY_10)
    assert isinstance(made, InForce)
    kept = LastGood(folder / "state/last-good")

    kept.keep(made.files, made.book.ruleset, tuple(made.book.media.values()))
    (folder / "config.yaml").unlink()
    (folder / "hello.wav").unlink()
    found = kept.find()

    assert found is not None
    again = source.prepare(found, engines.TUESDAY_10)
    assert isinstance(again, InForce)
    assert again.book.ruleset == made.book.ruleset
    assert next(iter(again.media.values())).read_bytes() == b"RIFF"


def test_only_one_set_is_kept(folder: Path, engines: Any) -> None:
    """What the newest does not need is removed."""
    kept = LastGood(folder / "kept")
    for words in ("one", "two"):
        kept.keep(Files("a", folder, {"a": words.encode()}), "sha256:x", ())

    found = kept.find()

    assert found is not None
    assert found.texts == {"a": b"two"}
    assert len(list((folder / "kept").iterdir())) == 2


@pytest.mark.parametrize("damage", ["nothing kept", "no manifest", "a changed file"])
def test_a_damaged_set_is_none(tmp_path: Path, damage: str) -> None:
    """Rules nobody wrote must not answer calls."""
    kept = LastGood(tmp_path / "kept")
    if damage != "nothing kept":
        kept.keep(Files("a", tmp_path, {"a": b"one"}), "sha256:x", ())
    if damage == "no manifest":
        (tmp_path / "kept/manifest.json").write_text("[]")
    if damage == "a changed file":
        next(path for path in (tmp_path / "kept").iterdir() if path.name != "manifest.json").write_text("two")

    assert kept.find() is None
