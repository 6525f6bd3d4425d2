"""The fake provider as a whole: its ports, its faults, what has arrived, and how another process tells it what to do."""

# mypy: allow-untyped-calls

import json
from collections.abc import Callable, Sequence
from typing import Any

import attrs
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.protocols.policies import WrappingFactory
from twisted.web.client import BrowserLikePolicyForHTTPS
from twisted.web.resource import Resource
from twisted.web.server import Request, Site

from adapters.generic.signature import key_of
from adapters.sending import RestRequest
from router.channels.http import Line, NeverReachedError, NoAnswerError
from router.simulate.fake.arrivals import Arrivals
from router.simulate.fake.exchange import FakeExchange
from router.simulate.fake.faults import Fault, Faults
from router.simulate.fake.http import Answer, Tree, body_of, written
from router.simulate.fake.smtp import FakeMail
from router.simulate.fake.twilio import VERSION, FakeTwilio, Report
from router.simulate.fake.webhooks import FakeWebhooks

HOST = "127.0.0.1"


@attrs.define(kw_only=True, eq=False)
class FakeProvider:
    """
    Listens on this machine once `start` is called: REST and web hooks on *port*, mail on *smtp_port* (0: any).

    *account*, *token*: the Twilio account and its auth token, which is the secret of a generic provider as well; receipts are
    signed with it. *keys* sign web hooks. *mail_login*: user and password the mail server asks for; *mail_tls*: a context factory with which it offers STARTTLS. Receipts to an
    address below *public_url* are posted to *daemon* instead (`http://127.0.0.1:8080`). *now*: UTC epoch seconds;
    *put* lets it be another time, for `POST /-/clock/<seconds>`.
    """

    reactor: Any
    now: Callable[[], float]
    new_id: Callable[[], str]
    account: str
    token: str
    keys: Sequence[bytes] = ()
    port: int = 0
    smtp_port: int = 0
    public_url: str = ""
    daemon: str = ""
    put: Callable[[float], object] = lambda _moment: None
    mail_login: tuple[str, str] | None = None
    mail_tls: Any = None
    faults: Faults = attrs.field(factory=Faults)
    reports: list[tuple[Report, int]] = attrs.field(factory=list)
    """Receipts posted, each with the status it was answered with; 0 for none."""
    arrivals: Arrivals = attrs.field(init=False)
    twilio: FakeTwilio = attrs.field(init=False)
    exchange: FakeExchange = attrs.field(init=False)
    webhooks: FakeWebhooks = attrs.field(init=False)
    mail: FakeMail = attrs.field(init=False)
    _waiting: list[Report] = attrs.field(init=False, factory=list)
    _ports: dict[int, tuple[WrappingFactory, Any]] = attrs.field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self.arrivals = Arrivals(self.now)
        common = {"arrivals": self.arrivals, "faults": self.faults, "timer": self.reactor}
        self.twilio = FakeTwilio(
            account=self.account,
            user=self.account,
            secret=self.token,
            token=self.token,
            new_id=self.new_id,
            report=self._report,
            **common,
        )
        self.exchange = FakeExchange(key=key_of(self.token), new_id=self.new_id, report=self._report, **common)
        self.webhooks = FakeWebhooks(keys=self.keys, **common)
        self.mail = FakeMail(login=self.mail_login, tls=self.mail_tls, **common)

    # ------------------------------------------------------------ ports

    def start(self) -> None:
        """Begin to listen; `port` and `smtp_port` say where."""
        root: Any = Resource()
        root.putChild(VERSION.encode(), Tree(self.twilio.serve))
        root.putChild(b"texts", Tree(self.exchange.serve))
        root.putChild(b"webhooks", Tree(self.webhooks.serve))
        root.putChild(b"-", Tree(lambda request, path: written(request, *self._control(request, path))))
        site = Site(root, parsePOSTFormSubmission=False)
        site.noisy = False
        self.port = self._listen(self.port, site)
        self.smtp_port = self._listen(self.smtp_port, self.mail.factory())

    def _listen(self, port: int, factory: Any) -> int:
        wrapping = WrappingFactory(factory)
        wrapping.noisy = False
        listening = self.reactor.listenTCP(port, wrapping, interface=HOST)
        number: int = listening.getHost().port
        self._ports[number] = (wrapping, listening)
        return number

    async def stop(self) -> None:
        """Stop listening, and close what is open: also what hangs."""
        await self.refuse()
        for wrapping, _ in self._ports.values():
            for protocol in list(wrapping.protocols):
                protocol.transport.abortConnection()
        self._ports.clear()

    async def refuse(self) -> None:
        """Refuse every connection from now on, until `listen_again`."""
        for number, (wrapping, listening) in self._ports.items():
            if listening is not None:
                self._ports[number] = (wrapping, None)
                await maybeDeferred(listening.stopListening)

    async def _refuse_for(self, seconds: int) -> None:
        await self.refuse()
        self.reactor.callLater(seconds, self.listen_again)

    def listen_again(self) -> None:
        """Listen on the same ports again."""
        for number, (wrapping, listening) in self._ports.items():
            if listening is None:
                again = self.reactor.listenTCP(number, wrapping, interface=HOST)
                self._ports[number] = (wrapping, again)

    @property
    def api(self) -> str:
        """Where the REST API is: what belongs into `api:` of the provider."""
        return f"http://{HOST}:{self.port}"

    def webhook(self, name: str) -> str:
        """Return where the web hook *name* is told."""
        return f"{self.api}/webhooks/{name}"

    # ------------------------------------------------------------ receipts

    def _report(self, report: Report) -> None:
        """Post a receipt, in the order they were made."""
        self._waiting.append(report)
        if len(self._waiting) == 1:
            Deferred.fromCoroutine(self._post_all())

    async def _post_all(self) -> None:
        line = Line(self.reactor, self.reactor, BrowserLikePolicyForHTTPS())
        while self._waiting:
            report = self._waiting[0]
            self.reports.append((report, await self._post(line, report)))
            self._waiting.pop(0)

    async def _post(self, line: Line, report: Report) -> int:
        """Post one receipt over the daemon's own listener; its signature is that of the public address."""
        if not self.daemon or not report.url.startswith(f"{self.public_url}/"):
            return 0
        url = self.daemon + report.url.removeprefix(self.public_url)
        try:
            reply = await line.exchange(RestRequest("POST", url, report.headers, report.body))
        except (NeverReachedError, NoAnswerError):
            return 0
        return reply.code

    # ------------------------------------------------------------ told by another process

    def _control(self, request: Request, path: list[str]) -> Answer:
        """Answer `/-/arrived`, `/-/faults`, `/-/refuse`, `/-/clock` and `/-/recordings/<id>`: for whoever runs it as a process."""
        match request.method, path:
            case b"GET", ["arrived"]:
                return 200, [arrival.as_json() for arrival in self.arrivals.all]
            case b"GET", ["faults"]:
                return 200, dict(self.faults.met)
            case b"POST", ["faults"]:
                try:
                    self.faults.plan(*(Fault.read(each) for each in json.loads(body_of(request))))
                except (TypeError, ValueError, AttributeError) as error:
                    return 400, {"error": str(error)}
                return 200, {"planned": len(self.faults.planned)}
            case b"POST", ["refuse", seconds] if seconds.isdecimal():
                self.reactor.callLater(0.05, lambda: Deferred.fromCoroutine(self._refuse_for(int(seconds))))
                return 200, {"refuses_for": int(seconds)}
            case b"POST", ["clock", seconds] if seconds.isdecimal():
                self.put(int(seconds))
                return 200, {"now": int(seconds)}
            case b"PUT", ["recordings", sid]:
                self.twilio.recordings[sid] = body_of(request)
                return 200, {"recordings": len(self.twilio.recordings)}
            case _:
                return 404, None
