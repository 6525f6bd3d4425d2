"""A daemon in memory for the simulator: real adapters, rules and call states, without reactor, journal and sockets."""

from datetime import datetime
from pathlib import Path

from adapters.api import Answer, Provider, RawRequest, RefusedError, ReplyText
from router.engine.render import actions_of, leg_action
from router.files import Files
from router.links import Links
from router.settings import Listen, settings_of
from router.simulate.play import Stage
from router.simulate.scenario import SimulationError
from router.simulate.wire import Reply, Wire
from rules.callstate import CallState
from rules.deciding import Timetable, window_around
from rules.event import CallEnded, Happening, IncomingCall, IncomingText, Progress
from rules.inquiry import inquire
from rules.legs import freeze
from rules.plan import Reply as ReplyStep
from rules.progress import advance, current
from rules.signals import AskToAccept, Connect, DropLeg, Perform, signal_of

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {"TWILIO_ACCOUNT_SID": "AC" + "7" * 32, "TWILIO_AUTH_TOKEN": "12345", "KEY": "key-of-the-new-scheme"}


class Daemon:
    """Answers what the simulator posts, and remembers it; *raws* replaces answers by raw bytes, in order."""

    def __init__(self, main: Path) -> None:
        loaded = Files.read(main).load()
        assert loaded.book is not None
        assert loaded.spec is not None
        settings, problems = settings_of(loaded.spec, main, ENVIRONMENT)
        assert settings is not None, problems
        self.book, self.spec, self.settings = loaded.book, loaded.spec, settings
        self.links = Links(b"k" * 32, settings.public_url)
        self.calls: dict[str, CallState] = {}
        self.requests: list[tuple[str, bytes]] = []
        self.happenings: list[Happening] = []
        self.raws: list[bytes] = []
        self.ids = 0

    def stage(self, now: float = 1_790_000_000.0) -> Stage:
        """Return where scenarios are played against this daemon."""
        return Stage(
            self.book,
            self.spec,
            self.settings,
            ENVIRONMENT,
            now=lambda: now,
            new_id=self.new_id,
            find=lambda key, _state: {"rule": key},
            line=self.line,
        )

    def new_id(self) -> str:
        """Count up, instead of chance."""
        self.ids += 1
        return f"{self.ids:032x}"

    def line(self, listen: Listen, public_url: str, moment: datetime, demo: bool) -> Wire:
        """Return a wire that ends here."""
        return _Line(self, listen, public_url, moment, demo)

    def answer(self, uri: str, headers: dict[str, str], body: bytes, moment: datetime) -> Reply:
        """Verify, read, decide, answer: as the engine does, without writing anything down."""
        _, _, name, *path = uri.split("/")
        provider = self.settings.providers[name]
        lowered = {key.lower(): [value] for key, value in headers.items()}
        request = RawRequest("POST", uri, tuple(path), lowered, body, moment.timestamp())
        self.requests.append(("/".join(path[:1]), body))
        try:
            provider.verify(request)
        except RefusedError as error:
            raise SimulationError(f"refused: {error.note}") from error
        if self.raws:
            return Reply(200, self.raws.pop(0))
        reply = Reply(204, b"")
        for happening in provider.read(request):
            self.happenings.append(happening)
            response = provider.write(self.decide(provider, happening, int(moment.timestamp())))
            reply = Reply(response.code, response.body)
        return reply

    def decide(self, provider: Provider, happening: Happening, at: int) -> Answer:
        """Decide one event."""
        if isinstance(happening, IncomingCall | IncomingText):
            inquiry = inquire(self.book, happening)
            decision = Timetable(self.book, window_around(at)).decide(inquiry, at)
            if isinstance(happening, IncomingText):
                replies = [step.text for step in decision.plan if isinstance(step, ReplyStep)]
                return Answer(to="text", actions=tuple(ReplyText(text) for text in replies))
            call = f"call{len(self.calls)}"
            state = self.calls[call] = freeze(decision, self.book, inquiry.caller, caller_id_passes=True)
            return self._performing(provider, call, current(state), "call")
        if isinstance(happening, CallEnded):
            return Answer(to="status")
        assert isinstance(happening, Progress)
        ref = happening.ref
        assert self.links.genuine(provider.name, happening.what, ref)
        self.calls[ref.call], effects = advance(self.calls[ref.call], signal_of(happening))
        for effect in effects:
            if isinstance(effect, Perform):
                return self._performing(provider, ref.call, effect, "progress")
            if isinstance(effect, AskToAccept | Connect | DropLeg):
                link = self.links.of_step(provider.name, ref.call, ref.step)
                return Answer(
                    to="progress", actions=(leg_action(effect, self.book.business),), call=ref.call, link=link
                )
        return Answer(to="progress")

    def _performing(self, provider: Provider, call: str, perform: Perform, to: str) -> Answer:
        link = self.links.of_step(provider.name, call, perform.step)
        actions = actions_of(perform.stages, self.settings.public_url)
        return Answer(to=to, actions=actions, call=call, link=link)  # type: ignore[arg-type]


class _Line(Wire):
    """Hands each post to the daemon in memory."""

    def __init__(self, daemon: Daemon, listen: Listen, public_url: str, moment: datetime, demo: bool) -> None:
        super().__init__(listen, public_url, moment, demo)
        self.daemon = daemon

    def post(self, url: str, headers: dict[str, str], body: bytes) -> Reply:  # type: ignore[override]
        return self.daemon.answer(self.target(url), headers, body, self.moment)
