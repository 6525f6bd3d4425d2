"""Machines are told, by web hooks, of calls and texts as they are decided, and of what is switched on and off by hand."""

from collections.abc import Callable, Mapping

import attrs

from router.callover import announce
from router.outbox.message import Json
from router.sending import Webhook
from router.texts.case import Case, Outcome

SWITCHED = ("id", "action", "what", "number", "person", "plan", "cover", "only", "since", "until", "by")
"""What is told of something switched by hand: names and moments."""


@attrs.frozen(eq=False)
class Announcements:
    """Says what becomes of the effects for web hooks; *webhooks* are those of the file, by name."""

    webhooks: Callable[[], Mapping[str, Webhook]]

    def handlers(self) -> Mapping[str, Callable[[Case], Outcome]]:
        """Return what does each kind of effect."""
        return {"hook-call": self.call, "hook-text": self.text, "hook-override": self.override}

    def call(self, case: Case) -> Outcome:
        """Tell of a call: whose phones are to ring, and which box takes it in the end. Of a private box only that there was one."""
        public = case.public
        box = case.book.boxes.get(public.get("voicemail") or "")
        data = {"call": case.effect.about, **_both(case), "voicemail": public.get("voicemail")}
        if box is not None and box.private:
            data["from"] = None
        return self._told(case, "call", {**data, "rings": public.get("rings") or []})

    def text(self, case: Case) -> Outcome:
        """Tell of a text, in its words: whom it goes to, and until when it waits."""
        public = case.public
        told = {"delivers": public.get("delivers") or [], "holds": public.get("holds"), "media": list(case.links)}
        return self._told(case, "text", {"id": case.effect.about, **_both(case), "text": case.text, **told})

    def override(self, case: Case) -> Outcome:
        """Tell of something switched on, ended, or over."""
        data = {name: case.public.get(name) for name in SWITCHED}
        return self._told(case, "override", {**data, "at": case.effect.since})

    def _told(self, case: Case, event: str, data: Json) -> Outcome:
        wanted = [name for name, hook in self.webhooks().items() if event in hook.events]
        return announce(case, event, data, wanted)


def _both(case: Case) -> Json:
    """Return what is told of calls and texts alike; a teammate is named, their number is not shown."""
    person = case.caller.person
    return {
        "number": case.number.name,
        "at": case.public["received_at"],
        "from": None if person else case.caller.e164,
        "person": person,
        "rule": case.public["rule"],
    }
