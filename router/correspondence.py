"""What goes out by itself, put together: the outbox and its channels, texts and notices, recordings, what web hooks are told."""

from pathlib import Path
from typing import Any

import attrs

from router.aftercall import AfterCall, after_call
from router.announce import Announcements
from router.channels.build import build as channels
from router.clock import Clock
from router.engine.engine import Engine
from router.lifecycle import Started
from router.loading import InForce
from router.outbox.message import Message
from router.outbox.outbox import Outbox
from router.recordings.recordings import InThread
from router.rulebook import RuleBookService
from router.store import Store
from router.switchboard.switchboard import Switchboard
from router.switchboard.texted import TextCommands
from router.texts.reminders import Reminders
from router.texts.texts import Texts
from router.texts.undelivered import Undelivered


@attrs.define(eq=False)
class Correspondence:
    """
    Sends what is in *store* to be sent, once `start` was called.

    *in_thread* does work away from the reactor.
    """

    reactor: Any
    clock: Clock
    store: Store
    in_thread: InThread
    outbox: Outbox = attrs.field(init=False)
    aftercall: AfterCall = attrs.field(init=False)
    texts: Texts = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Make the outbox, which hears of every record from the first on."""
        self.outbox = Outbox(
            journal=self.store.journal,
            index=self.store.index.outbox,
            timers=self.reactor,
            wall=self.clock.now,
            may_text=self._may_text,
        )

    def start(
        self, folder: Path, rules: RuleBookService, engine: Engine, switchboard: Switchboard, started: Started
    ) -> None:
        """Take up what was to be sent when we ended, and begin; *started* learns how to stop it. Recordings lie in *folder*."""
        facts = engine.shared.facts
        engine.shared.concerning = self.outbox.concerning
        self.outbox.hooks.opted_out.append(
            lambda message: facts.opt(facts.pair(message.number or "", message.to), out=True)
        )
        self._follow(rules.current)
        rules.on_swap.append(self._follow)
        self.texts = Texts(
            outbox=self.outbox,
            rules=rules,
            facts=facts,
            clock=self.clock,
            timers=self.reactor,
            commands=TextCommands(switchboard, self.clock),
            caller_of=self._caller_of,
        )
        self.outbox.restore(self.store.recent)
        self.texts.restore(self.store.index.conversations(), self.store.recent)
        self.outbox.start()
        started.add("outbox", self.outbox.stop)
        self._record(folder, rules, engine, started)
        self.texts.more = {
            **self.aftercall.notices.handlers(),
            **Announcements(lambda: rules.current.settings.sending.webhooks).handlers(),
            "remind": Reminders(switchboard.register.all.get).remind,
            "undelivered": Undelivered().undelivered,
        }
        self.outbox.hooks.effects.append(self.texts.effects)
        self.texts.start()
        started.add("texts", self.texts.stop)

    def _record(self, folder: Path, rules: RuleBookService, engine: Engine, started: Started) -> None:
        """Fetch and keep what callers say, and have those told whom calls concern."""
        self.aftercall = after_call(
            folder,
            outbox=self.outbox,
            journal=self.store.journal,
            rules=rules,
            engine=engine,
            clock=self.clock,
            reactor=self.reactor,
            in_thread=self.in_thread,
        )
        recordings = self.aftercall.recordings
        self.outbox.hooks.effects.append(recordings.effects)
        recordings.start()
        started.add("recordings", recordings.stop)

    def _follow(self, rules: InForce) -> None:
        """Let the outbox have the channels of the rules in force."""
        self.outbox.channels = channels(rules.settings, reactor=self.reactor, clock=self.clock)

    def _caller_of(self, call: str) -> str | None:
        """Return who called, as the provider wrote it, by our id of the call."""
        return self.aftercall.caller_of(call)

    def _may_text(self, message: Message) -> str | None:
        """Say why a text must not go out after all, or None."""
        return self.texts.may_text(message)
