"""From a configuration and a scenario to a story: which provider to play, with which secret, against which listener."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

from adapters.generic.signature import key_of
from router.settings import Listen, Settings, read_secret
from router.simulate import generic, sip, twilio
from router.simulate.generic import Pbx
from router.simulate.lookup import decision_of
from router.simulate.scenario import Scenario, SimulationError
from router.simulate.sip import Datagrams, Exchange, Proxy
from router.simulate.story import Beat, Story
from router.simulate.twilio_session import Session, Signer
from router.simulate.wire import Wire, reachable
from rules.book import RuleBook
from rules.event import Kind
from rules.spec import FileSpec, ProviderSpec, Secret

Find = Callable[[str, Path], dict[str, Any] | None]


def random_id() -> str:
    """Return 32 random hexadecimal digits."""
    return os.urandom(16).hex()


@attrs.frozen
class Stage:
    """
    Where scenarios are played: one configuration and the daemon that runs on it.

    *now* gives UTC epoch seconds, *find* looks a decision up by its key and the state folder, *line* makes the wire.
    """

    book: RuleBook
    spec: FileSpec
    settings: Settings
    environment: Mapping[str, str] = attrs.field(repr=False)
    now: Callable[[], float]
    new_id: Callable[[], str] = random_id
    find: Find = decision_of
    line: Callable[[Listen, str, datetime, bool], Wire] = Wire
    exchange: Callable[[tuple[str, int]], Exchange] = Datagrams

    def play(self, scenario: Scenario) -> Story:
        """Play *scenario* to its end; raise `UnreachableError` without a daemon, `SimulationError` when it goes wrong."""
        kind: Kind = "call" if scenario.text is None else "text"
        provider = self.spec.providers[scenario.number.providers[kind]]
        moment = scenario.at or datetime.fromtimestamp(self.now(), UTC)
        wire = self.line(self.settings.public, self.settings.public_url, moment, scenario.at is not None)
        match provider.adapter.text:
            case "twilio":
                account, sid, beats = self._twilio(provider, wire, scenario)
            case "generic":
                account, sid, beats = self._generic(provider, wire, scenario)
            case "sip":
                account, sid, beats = self._sip(provider.name, moment, scenario)
            case other:
                raise SimulationError(f"the provider '{provider.name}' cannot be played: its adapter is {other}")
        decision = self.find(f"{provider.name}|{account}|{kind}|{sid}", self.settings.state)
        local = moment.astimezone(scenario.number.zone)
        return Story(kind, scenario.number.name, scenario.caller, local, tuple(beats), decision)

    def account_of(self, name: str) -> tuple[str, str]:
        """Return the account of the provider called *name*, and the secret that sends for it."""
        provider = self.spec.providers[name]
        return self._account(provider) or name, self._secret(provider.secrets[0])

    def _twilio(self, provider: ProviderSpec, wire: Wire, scenario: Scenario) -> tuple[str, str, list[Beat]]:
        account = self._account(provider) or "AC" + "0" * 32
        signer = self._signer(provider)
        session = Session(wire, provider.name, account, signer, scenario, self.book.directory, self.new_id)
        (twilio.play_call if scenario.text is None else twilio.play_text)(session)
        return account, session.sid, session.beats

    def _signer(self, provider: ProviderSpec) -> Signer:
        """Sign as Twilio does by default, or by the newer scheme where only that is accepted."""
        if "sha1" in provider.algorithms:
            return Signer(self._secret(provider.secrets[0]))
        for name, secret in provider.signing_keys.items():
            return Signer(self._secret(secret), "sha256", name)
        return Signer(self._secret(provider.secrets[0]), "sha256")

    def _generic(self, provider: ProviderSpec, wire: Wire, scenario: Scenario) -> tuple[str, str, list[Beat]]:
        key = key_of(self._secret(provider.secrets[0]))
        pbx = Pbx(wire, provider.name, key, scenario, self.book.directory, self.new_id)
        (generic.play_call if scenario.text is None else generic.play_text)(pbx)
        return self._account(provider) or provider.name, pbx.sid, pbx.beats

    def _sip(self, name: str, moment: datetime, scenario: Scenario) -> tuple[str, str, list[Beat]]:
        settings = self.settings.sip[name]
        place = next((place for place in settings.listen if place.transport == "udp" and place.port), None)
        if place is None:
            raise SimulationError(
                f"the provider '{name}' cannot be played: it does not listen on a UDP port of its own"
            )
        exchange = self.exchange((reachable(place.host), place.port))
        proxy = Proxy(name, settings, exchange, scenario, self.book.directory, self.new_id, moment)
        (sip.play_call if scenario.text is None else sip.play_text)(proxy)
        return name, proxy.sid, proxy.beats

    def _account(self, provider: ProviderSpec) -> str:
        match provider.account:
            case None:
                return ""
            case Secret():
                return self._secret(provider.account)
            case written:
                return written.text

    def _secret(self, secret: Secret) -> str:
        return read_secret(secret, self.settings.main.parent, self.environment)[0]
