"""What the main file says to ops, made ready for use: listeners, folders, providers with their secrets."""

from collections.abc import Mapping
from pathlib import Path

import attrs

from adapters.api import Provider
from adapters.registry import UnusableProviderError, build
from router.feeds.reading import INSTALL, installed
from router.feeds.source import Calendar, address
from router.files import Watched
from router.sending import Sending, sending_of
from router.sip.settings import SipSettings, sip_settings
from rules.pin import PIN
from rules.source import Problem
from rules.spec import CalendarSpec, FileSpec, ProviderSpec, Secret, Word

LARGEST_SECRET = 64 * 1024


@attrs.frozen
class Listen:
    """Where to listen: *host* and *port*, or a Unix socket at *path*."""

    host: str = ""
    port: int = 0
    path: Path | None = None

    @classmethod
    def parse(cls, text: str, folder: Path) -> "Listen | None":
        """Read `HOST:PORT`, `[v6]:PORT` or `unix:PATH` (relative to *folder*); None when it is neither."""
        if text.startswith("unix:"):
            return cls(path=folder / text.removeprefix("unix:")) if len(text) > len("unix:") else None
        host, colon, port = text.rpartition(":")
        host = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
        if not colon or not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
            return None
        return cls(host=host, port=int(port))

    @property
    def loopback(self) -> bool:
        """Whether nobody outside this machine can reach it."""
        return self.path is not None or self.host in ("localhost", "::1") or self.host.startswith("127.")

    def __str__(self) -> str:
        if self.path is not None:
            return f"unix:{self.path.absolute()}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@attrs.frozen
class Settings:
    """
    Everything the daemon needs besides the rule book.

    *public_url* has no slash at its end; *pins* and *calendars* are those of the people who have one, by name.
    """

    main: Path
    state: Path
    public: Listen
    admin: Listen
    metrics: Listen | None
    trusted_proxies: tuple[str, ...]
    public_url: str
    providers: Mapping[str, Provider]
    sending: Sending = attrs.field(factory=Sending)
    sip: Mapping[str, SipSettings] = attrs.field(factory=dict)
    pins: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    calendars: Mapping[str, Calendar] = attrs.field(factory=dict, repr=False)

    def needs_restart(self, other: "Settings") -> tuple[str, ...]:
        """Name the parts of *other* that only a restart puts into force."""
        fixed = ("public", "admin", "metrics", "trusted_proxies", "state")
        named = {"public": "listen", "admin": "listen", "metrics": "listen", "trusted_proxies": "listen"}
        changed = [named.get(part, part) for part in fixed if getattr(self, part) != getattr(other, part)]
        if self._opened() != other._opened():
            changed.append("providers")
        return tuple(dict.fromkeys(changed))

    def _opened(self) -> Mapping[str, object]:
        """Return what is opened once for SIP, by provider."""
        return {name: (one.listen, one.tls) for name, one in self.sip.items()}


@attrs.define
class _Reading:
    """Reads the words of ops, collecting what is wrong."""

    folder: Path
    environment: Mapping[str, str]
    watched: Watched
    problems: list[Problem] = attrs.field(factory=list)

    def listen(self, word: Word | None, default: Listen) -> Listen:
        if word is None:
            return default
        found = Listen.parse(word.text, self.folder)
        if found is None:
            hint = "write HOST:PORT, such as 127.0.0.1:8080, or unix:PATH"
            self.problems.append(Problem("bad-listener", f"'{word.text}' is not a place to listen", word.at, hint))
        return found or default

    def secret(self, secret: Secret) -> str:
        """Fetch one secret; an empty one counts as missing, since it would verify anybody's signature."""
        if secret.source == "file":
            self.watched.add(self.folder / secret.name)
        value, missing, hint = read_secret(secret, self.folder, self.environment)
        problem = Problem("secret-missing", missing, secret.at, hint)
        if not value and problem not in self.problems:  # the same secret may verify and send
            self.problems.append(problem)
        return value

    def pin(self, person: str, secret: Secret) -> str:
        """Fetch a person's PIN."""
        value = self.secret(secret)
        if value and not PIN.fullmatch(value):
            hint = "it is the first or last word of a command by text, and must be told from all others"
            self.problems.append(Problem("bad-pin", f"the PIN of {person} is not 4 to 12 digits", secret.at, hint))
        return value

    def calendar(self, person: str, spec: CalendarSpec) -> Calendar:
        """Find out where a person's calendar is; its address may be a secret."""
        if not installed():
            missing = Problem(
                "calendars-missing", "reading calendars is not installed", spec.url.at, f"install it: {INSTALL}"
            )
            self.problems.append(missing)
        source, _, name = spec.url.text.partition(":")
        if source != "env":
            return Calendar.of(person, spec, self.folder)
        value = self.secret(Secret("env", name, spec.url.at))
        url = address(value)
        if value and url is None:
            message = f"the environment variable {name} holds no address of a calendar"
            self.problems.append(Problem("bad-value", message, spec.url.at, "it begins with https://"))
        return Calendar.of(person, spec, self.folder, url or "")

    def provider(self, spec: ProviderSpec, public_url: str) -> Provider | None:
        """Build one provider; what keeps it from working is said once."""
        before = len(self.problems)
        try:
            return build(spec, public_url, self.secret)
        except UnusableProviderError as error:
            if len(self.problems) == before:
                self.problems.append(error.problem)
            return None


def settings_of(
    spec: FileSpec, main: Path, environment: Mapping[str, str], watched: Watched | None = None
) -> tuple[Settings | None, tuple[Problem, ...]]:
    """
    Make ready what *spec* says to ops; None when something of it cannot be had, with the reasons.

    *watched* collects the files secrets were looked for in.
    """
    reading = _Reading(main.parent, environment, watched or Watched())
    state = main.parent / spec.state.text
    public = reading.listen(spec.listen.public, Listen("127.0.0.1", 8080))
    public_url = (spec.public_url.text if spec.public_url else f"http://{public}").rstrip("/")
    by_web = {name: provider for name, provider in spec.providers.items() if provider.sip is None}
    providers = {name: reading.provider(provider, public_url) for name, provider in by_web.items()}
    sip = sip_settings(spec.providers, spec.boxes, main.parent, reading.secret)
    providers |= {name: one.provider for name, one in sip.items()}
    settings = Settings(
        main=main,
        state=state,
        public=public,
        admin=reading.listen(spec.listen.admin, Listen(path=state / "admin.sock")),
        metrics=reading.listen(spec.listen.metrics, public) if spec.listen.metrics else None,
        trusted_proxies=tuple(word.text for word in spec.listen.trusted_proxies),
        public_url=public_url,
        providers={name: provider for name, provider in providers.items() if provider is not None},
        sip=sip,
        sending=sending_of(spec, public_url, reading.secret, reading.problems.append),
        calendars={name: reading.calendar(name, each.calendar) for name, each in spec.people.items() if each.calendar},
        pins={name: reading.pin(name, person.pin) for name, person in spec.people.items() if person.pin},
    )
    return (None if reading.problems else settings), tuple(reading.problems)


def read_secret(secret: Secret, folder: Path, environment: Mapping[str, str]) -> tuple[str, str, str]:
    """Return a secret ("" when it cannot be had), what to say about that, and what to do; a file's last newline is not part of it."""
    if secret.source == "env":
        missing = f"the environment variable {secret.name} is not set"
        hint = f"set it before starting, or keep the secret in a file: `file:PATH` instead of `env:{secret.name}`"
        return environment.get(secret.name, "").strip(), missing, hint
    value, missing = _file_content(folder / secret.name)
    return value.strip(), missing, "the file holds the secret alone, and switchhook must be allowed to read it"


def _file_content(path: Path) -> tuple[str, str]:
    """Return a secret file's text, and what to say if there is none."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_SECRET).decode(), f"the file {path} is empty"
    except OSError as error:
        return "", f"the file {path} cannot be read: {(error.strerror or str(error)).lower()}"
    except UnicodeDecodeError:
        return "", f"the file {path} does not hold text"
