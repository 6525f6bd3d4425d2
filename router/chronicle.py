"""What the journal keeps about the daemon itself: its starts and stops, the rules in force, clocks that were set."""

from collections.abc import Callable
from typing import Any, Protocol

import attrs

from router.journal.form import Form, Forms
from router.loading import InForce, Refusal
from router.version import own_version, tzdata_version


class Journal(Protocol):
    """What is needed of the journal."""

    def append(self, kind: str, public: dict[str, Any], private: dict[str, Any], forms: Forms | None = None) -> object:
        """Write a record; with *forms*, *public* and *private* are what fills their gaps."""


@attrs.frozen
class Chronicle:
    """Writes them."""

    journal: Journal

    def started(self, ruleset: str) -> None:
        """Note that the daemon runs."""
        self.journal.append("start", self._versions(ruleset), {})

    def stopped(self, ruleset: str) -> None:
        """Note that it ends, as it was told to."""
        self.journal.append("stop", self._versions(ruleset), {})

    def rules_loaded(self, loaded: InForce) -> Callable[[], object]:
        """
        Make the note of a rule set in force, with its text, so that every decision can be explained and made again.

        In any thread, since encoding megabytes takes long; what is returned writes it.
        """
        texts = {name: text.decode("utf-8", "replace") for name, text in loaded.files.texts.items()}
        public = {"ruleset": loaded.book.ruleset, "files": sorted(texts), "outcome": "loaded", "problems": 0}
        forms = Forms(Form.of(public, ()), Form.of({"texts": texts}, ("salt",)))
        return lambda: self.journal.append("rules", {}, {}, forms)

    def rules_refused(self, refusal: Refusal, *, kept: str) -> None:
        """Note files that were refused, while the rule set *kept* stays in force."""
        names = sorted(refusal.files.texts) if refusal.files else []
        count = max(1, len(refusal.problems))
        public = {"ruleset": kept, "files": names, "outcome": "refused", "problems": count}
        self.journal.append("rules", public, {"shown": refusal.shown})

    def clock_set(self, seconds: float) -> None:
        """Note that somebody has set the machine's clock by *seconds*."""
        self.journal.append("clock", {"milliseconds": round(seconds * 1000)}, {})

    def _versions(self, ruleset: str) -> dict[str, Any]:
        return {"version": own_version(), "tzdata": tzdata_version(), "ruleset": ruleset}
