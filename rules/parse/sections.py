"""The sections of a rule file: which there are, in which file each may stand, and how they come together in one spec."""

from collections.abc import Callable
from typing import Any

import attrs

from rules.decode import Kind, choice, one_or_more, text, unknown_key
from rules.fragments import PUBLIC_URL, Fragment, named
from rules.parse.business import BUSINESS, DEFAULTS, REPLIES, SCHEDULE_FRAGMENT, default_sections, schedule
from rules.parse.callers import BLOCK, GROUP_FRAGMENT, default_block, group
from rules.parse.named import LONGEST, Entry, read_named, taken
from rules.parse.numbers import BOX_FRAGMENT, NUMBER_FRAGMENT, PLAN_FRAGMENT, box, number, plan
from rules.parse.ops import DEFAULT_SAFETY, FAILSAFE, LISTEN, PROVIDER_FRAGMENT, SAFETY, default_listen, provider
from rules.parse.people import PERSON_FRAGMENT, TEAM_FRAGMENT, person, team
from rules.parse.sending import MAIL, WEBHOOK_FRAGMENT, webhook
from rules.source import Mark, Problem, Report, closest
from rules.spec import BusinessSpec, FailsafeSpec, FileSpec, HolidayChanges, Word
from rules.yamltree import Mapping, Node, Scalar

_FILES = one_or_more(text("a file name or pattern"), "a file name or a list of them")


@attrs.frozen
class Section:
    """
    One section: of named entries (*entry* reads one, each looks like *of*), or of one value (*kind* reads it).

    *ops*: it stands only in the main file. *gathers*: the values of several files are put together.
    """

    key: str
    about: str
    entry: Entry[Any] | None = None
    of: Fragment = attrs.field(factory=dict, eq=False)
    kind: Kind[Any] | None = None
    ops: bool = False
    gathers: bool = False

    def fragment(self) -> Fragment:
        """Return it as a piece of JSON Schema, with its description."""
        body = self.kind.fragment if self.kind else named(self.of, taken=taken(self.key), longest=LONGEST)
        return {"description": self.about, **body}


SECTIONS = (
    Section("version", "the version of this language: 1", kind=choice("1"), gathers=True),
    Section("listen", "where the daemon listens", kind=LISTEN, ops=True),
    Section("public_url", "the https address the providers know", kind=text("an https address", PUBLIC_URL), ops=True),
    Section("state", "the folder of the journal", kind=text("a folder"), ops=True),
    Section("rule_files", "further files", kind=_FILES, ops=True),
    Section("providers", "who brings calls and texts", entry=provider, of=PROVIDER_FRAGMENT, ops=True),
    Section("safety", "where calls and texts may go at all", kind=SAFETY, ops=True),
    Section("failsafe", "what callers hear when switchhook is in trouble", kind=FAILSAFE, ops=True),
    Section("mail", "the server that takes our mail", kind=MAIL, ops=True),
    Section("webhooks", "who is told of what happens, by web hook", entry=webhook, of=WEBHOOK_FRAGMENT, ops=True),
    Section("business", "the business: its name, zone and country", kind=BUSINESS),
    Section("defaults", "what holds where nothing nearer is said", kind=DEFAULTS),
    Section("schedules", "hours by name", entry=schedule, of=SCHEDULE_FRAGMENT),
    Section("people", "the people", entry=person, of=PERSON_FRAGMENT),
    Section("teams", "the teams", entry=team, of=TEAM_FRAGMENT),
    Section("callers", "groups of callers", entry=group, of=GROUP_FRAGMENT),
    Section("block", "who is refused", kind=BLOCK),
    Section("numbers", "the business numbers", entry=number, of=NUMBER_FRAGMENT),
    Section("voicemail", "the voicemail boxes", entry=box, of=BOX_FRAGMENT),
    Section("plans", "plans for a bad day", entry=plan, of=PLAN_FRAGMENT),
    Section("replies", "answers to texts", kind=REPLIES),
    Section("tests", "files with tests of your own", kind=_FILES, gathers=True),
)
_BY_KEY = {section.key: section for section in SECTIONS}
_NAMED = tuple(section.key for section in SECTIONS if section.entry)


@attrs.define
class Draft:
    """What has been read so far, of all files together."""

    main: str
    report: Report
    names: dict[str, dict[str, Mark]] = attrs.field(factory=lambda: {key: {} for key in _NAMED})
    found: dict[str, dict[str, Any]] = attrs.field(factory=lambda: {key: {} for key in _NAMED})
    single: dict[str, Any] = attrs.field(factory=dict)
    places: dict[str, Mark] = attrs.field(factory=dict)

    def add(self, tree: Mapping) -> None:
        """Read the sections of one file."""
        for key, node in tree.entries:
            section = _BY_KEY.get(key.text)
            if section is None:
                self.report(unknown_key(key, "a rule file", list(_BY_KEY)))
                meant = closest(key.text, list(_BY_KEY))
                if meant and tree.get(meant) is None:  # read on: else every name in it would be unknown
                    self._read(_BY_KEY[meant], key, node)
            elif section.ops and tree.file != self.main:
                hint = f"move it to {self.main}"
                self.report(Problem("main-file-only", f"`{key.text}` stands only in the main file", key.at, hint))
            else:
                self._read(section, key, node)

    def _read(self, section: Section, key: Scalar, node: Node) -> None:
        first = self.places.setdefault(section.key, key.at)
        if section.entry is not None:
            names, found = self.names[section.key], self.found[section.key]
            read_named(section.key, node, section.entry, names, found, self.report)
            return
        if first != key.at and not section.gathers:
            hint = f"the other is at {first}; this section stands in one file"
            self.report(Problem("section-twice", f"`{section.key}` stands in two files", key.at, hint))
            return
        assert section.kind is not None
        value = section.kind.read(section.key, node, self.report)
        if section.gathers and isinstance(value, tuple):
            self.single[section.key] = self.single.get(section.key, ()) + value
        elif value is not None:
            self.single[section.key] = value

    def spec(self) -> FileSpec:
        """Put everything together; what is missing and needed is reported, and stood in for so that the checks can run."""
        top = Mark(self.main, 1, 1)
        if "business" not in self.places:
            hint = "business: {name: …, timezone: America/New_York}"
            self.report(Problem("missing-key", "the section `business` is missing", top, hint))
        silent = default_sections(top)
        take: Callable[[str, Any], Any] = self.single.get
        return FileSpec(
            main=self.main,
            listen=take("listen", default_listen(top)),
            public_url=take("public_url", None),
            state=take("state", Word("state", top)),
            providers=self.found["providers"],
            safety=take("safety", DEFAULT_SAFETY),
            failsafe=take("failsafe", FailsafeSpec(None, None, None)),
            mail=take("mail", None),
            webhooks=self.found["webhooks"],
            business=take("business", _unreadable(self.places.get("business", top))),
            defaults=take("defaults", silent["defaults"]),
            schedules=self.found["schedules"],
            people=self.found["people"],
            teams=self.found["teams"],
            groups=self.found["callers"],
            block=take("block", default_block(None)),
            numbers=self.found["numbers"],
            boxes=self.found["voicemail"],
            plans=self.found["plans"],
            replies=take("replies", silent["replies"]),
            tests=take("tests", ()),
            names=self.names,
        )


def _unreadable(at: Mark) -> BusinessSpec:
    """Stand in for a business that could not be read; its error keeps the file from running."""
    return BusinessSpec(Word("", at), Word("UTC", at), None, None, HolidayChanges(), None, at)
