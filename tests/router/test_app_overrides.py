"""Overrides and absences in the whole daemon: over the admin listener, in decisions, the audit, the metrics, after a crash."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from router.archive import Archive, Filter
from router.audit_rows import audit_row
from router.audit_words import table, what

BEN = "+16175550142"


@pytest.fixture
def apps(beside: Any) -> Any:
    """Return the tests of the daemon, for its house."""
    return beside(__file__, "test_app")


@pytest.fixture
def folder(tmp_path: Path, engines: Any, apps: Any) -> Path:
    """Return a folder with the office on Twilio, in which anna is covered by chloe and ben has a PIN."""
    text = engines.OFFICE.replace("pbx: {adapter: generic, secret: env:PBX_SECRET}", apps.TWILIO)
    text = text.replace("provider: pbx", "provider: twilio").replace("  anna: {", "  anna: {cover: chloe, ")
    text = text.replace("  ben: {", "  ben: {pin: file:pin, ") + "plans: {storm: {calls: [{voicemail: main}]}}\n"
    listen = f'public: "127.0.0.1:{apps.PUBLIC}", admin: "127.0.0.1:{apps.ADMIN}", metrics: "127.0.0.1:{apps.METRICS}"'
    (tmp_path / "config.yaml").write_text(text.replace('public: "127.0.0.1:0", admin: "127.0.0.1:0"', listen))
    (tmp_path / "pin").write_text("4711\n")
    return tmp_path


@pytest.fixture
def house(folder: Path, engines: Any, apps: Any) -> Iterator[Any]:
    """Return a daemon that has started."""
    house = apps._House(folder, engines)
    house.run(house.daemon.start())
    yield house
    house.run(house.daemon.stop(), step=0.1)  # what is being sent gets a few seconds


def admin(house: Any, method: str, path: str, said: object = None, *, token: bool = True) -> tuple[int, Any]:
    """Ask the admin listener."""
    port = house.daemon.began.settings.admin.port
    known = (house.folder / "state/admin-token").read_text().strip()
    head = f"{method} {path} HTTP/1.1" + (f"\r\nAuthorization: Bearer {known}" if token else "")
    code, body = house.request(port, head, b"" if said is None else json.dumps(said).encode())
    return code, json.loads(body)


def crash(house: Any, apps: Any) -> None:
    """End it as `kill -9` does: nothing is told to stop; the lock goes with the process."""
    daemon = house.daemon
    daemon.store.index.keeper.close()
    daemon._started._stops[0][1]()
    house.reactor = apps._Reactor()
    house.daemon = house.build()
    house.run(house.daemon.start())


def rows(folder: Path) -> list[dict[str, Any]]:
    """Return the audit's rows about what was switched."""
    return [audit_row(record) for record in Archive(folder / "state").select(Filter(kinds=frozenset({"override"})))]


def test_closed_today(house: Any, folder: Path) -> None:
    """The next call hears voicemail; status, metric and audit show it; when it is cleared all is as before."""
    before = house.twilio("/hooks/twilio/call", CallSid="CA1")
    code, answer = admin(house, "POST", "/-/overrides", {"what": "closed", "target": "main", "for": "today"})
    during = house.twilio("/hooks/twilio/call", CallSid="CA2")
    house.reactor.advance(1)
    status = admin(house, "GET", "/-/status")[1]["overrides"]
    metrics = house.request(house.daemon.began.settings.metrics.port, "GET /metrics HTTP/1.1")[1]
    cleared = admin(house, "DELETE", "/-/overrides/main")
    after = house.twilio("/hooks/twilio/call", CallSid="CA3")

    assert code == 201
    assert answer["told"][:2] == ["main is closed until Wed 25 Nov 00:00 EST", "calls to main now: voicemail main"]
    assert [step.find("Dial") is not None for step in (before, during, after)] == [True, False, True]
    assert [each["told"] for each in status] == ["main is closed until Wed 25 Nov 00:00 EST, by an administrator"]
    assert b'switchhook_overrides_active{kind="closed"} 1.0' in metrics
    assert cleared == (
        200, {"ended": [answer["id"]], "told": ["main is closed until Wed 25 Nov 00:00 EST"], "written": True},
    )  # fmt: skip
    assert [what(row) for row in rows(folder)] == [
        "main is closed until Wed 25 Nov 00:00 EST, by an administrator",
        "ended by an administrator: main is closed until Wed 25 Nov 00:00 EST",
    ]
    assert "override  main" in table(rows(folder))


@pytest.mark.parametrize(("method", "path"), [("POST", "/-/overrides"), ("DELETE", "/-/overrides/main")])
def test_nobody_switches_without_the_token(house: Any, method: str, path: str) -> None:
    """Reading is free, as status is; changing is not."""
    code, _ = admin(house, method, path, {"what": "closed", "for": "2h"}, token=False)

    assert code == 401
    assert admin(house, "GET", "/-/overrides", token=False) == (200, {"overrides": []})


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/-/overrides"), ("POST", "/-/overrides/main"), ("PUT", "/-/overrides")]
)
def test_not_asked_for_like_that(house: Any, method: str, path: str) -> None:
    """Is said."""
    port = house.daemon.began.settings.admin.port

    assert house.request(port, f"{method} {path} HTTP/1.1")[0] == 405


def test_nothing_is_lost_in_a_crash(house: Any, apps: Any) -> None:
    """What was called done is in force again after it, from the index and from the records beyond it."""
    admin(house, "POST", "/-/overrides", {"what": "closed", "target": "main", "for": "today"})
    admin(house, "POST", "/-/overrides", {"person": "anna", "until": "mon 08:00"})
    before = admin(house, "GET", "/-/overrides")

    crash(house, apps)
    first = admin(house, "GET", "/-/overrides")
    crash(house, apps)

    assert before == first == admin(house, "GET", "/-/overrides")
    assert house.twilio("/hooks/twilio/call", CallSid="CA2").find("Dial") is None


def test_nothing_is_lost_with_the_index(house: Any, apps: Any, folder: Path) -> None:
    """An absence that was set days ago is found in the journal."""
    admin(house, "POST", "/-/overrides", {"person": "anna", "until": "2026-12-20 08:00"})
    house.clock.at += 5 * 86400
    house.twilio("/hooks/twilio/call", CallSid="CA2")
    house.run(house.daemon.stop(), step=0.1)
    for file in folder.glob("state/index.db*"):
        file.unlink()
    house.reactor = apps._Reactor()
    house.daemon = house.build()
    house.run(house.daemon.start())

    assert [each["person"] for each in admin(house, "GET", "/-/overrides")[1]["overrides"]] == ["anna"]


def test_it_ends_by_itself(house: Any, folder: Path) -> None:
    """Within a second of its end, also when it passed while nobody was there."""
    admin(house, "POST", "/-/overrides", {"what": "closed", "target": "main", "for": "2h"})
    house.clock.at += 7200
    house.reactor.advance(1)
    house.reactor.turn(lambda: house.daemon.store.journal.waiting() == 0)

    assert admin(house, "GET", "/-/overrides")[1] == {"overrides": []}
    assert [row["outcome"].split(":")[0] for row in rows(folder)][-1] == "over"


def test_a_reload_keeps_it(house: Any, folder: Path) -> None:
    """Newer rules are decided with it; a number that is gone is told."""
    admin(house, "POST", "/-/overrides", {"what": "closed", "target": "main", "for": "2h"})
    path = folder / "config.yaml"
    path.write_text(path.read_text().replace("Acme", "Apex"))
    admin(house, "POST", "/-/reload")
    call = house.twilio("/hooks/twilio/call", CallSid="CA2")
    path.write_text(path.read_text().replace("\n  main:\n    number", "\n  boston:\n    number"))
    admin(house, "POST", "/-/reload")

    assert call.find("Dial") is None
    assert [each["note"] for each in admin(house, "GET", "/-/status")[1]["overrides"]] == [
        "not applied: there is no number main any more"
    ]


def test_no_pin_is_written_anywhere(house: Any, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A command by text: neither journal nor index nor log holds the PIN, the right one or a wrong one."""
    for index, body in enumerate(("4711 away mon 08:00 chloe", "back 4719")):
        house.signed("/hooks/twilio/text", MessageSid=f"SM{index}", From=BEN, Body=body)
    house.run(house.daemon.stop(), step=0.1)

    written = b"".join(path.read_bytes() for path in (folder / "state").rglob("*") if path.is_file())
    assert b"**** away mon 08:00 chloe" in written
    assert b'"pin":"good"' in written
    assert b'"pin":"wrong"' in written
    assert b"4711" not in written
    assert b"4719" not in written
    assert "471" not in capsys.readouterr().out


def test_a_long_one_is_reminded_of_by_a_notice(house: Any, folder: Path) -> None:
    """The daemon turns the reminder into what is to be sent, once; a provider without a way to send is among the checks."""
    admin(house, "POST", "/-/overrides", {"what": "closed", "target": "main", "for": "40h"})
    house.reactor.advance(1)
    house.daemon.clock.at += 33 * 3600
    house.reactor.advance(1)
    for _ in range(2):  # the reminder, and what became of it
        house.run(house.daemon.switchboard.written(house.daemon.store.journal.head.seq))

    kinds = [(record.kind, record.public.get("effect")) for record in Archive(folder / "state").select(Filter())]
    assert [effect for kind, effect in kinds if kind in ("queued", "held") and str(effect).endswith(".remind")] != []
    assert admin(house, "GET", "/-/status")[1]["checks"]["texts"]["needed"] is False
