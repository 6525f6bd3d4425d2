"""Plays a PBX on the generic adapter: JSON posts signed as Standard Webhooks, `answer/1` done action by action."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from adapters.generic import signature
from router.simulate import story
from router.simulate.scenario import (
    MOST_ANSWERS,
    NOBODY,
    PICK_UP_SECONDS,
    TALK_SECONDS,
    RingEnd,
    Scenario,
    SimulationError,
)
from router.simulate.story import Beat
from router.simulate.wire import Wire
from rules.directory import Directory

Json = dict[str, Any]

_SPOKEN_SECONDS = 3


@attrs.define
class Pbx:
    """What the PBX knows of one call or text; *sid* is its id, *new_id* gives 32 random hexadecimal digits."""

    wire: Wire
    provider: str
    key: bytes = attrs.field(repr=False)
    scenario: Scenario
    directory: Directory
    new_id: Callable[[], str]
    sid: str = ""
    seconds: int = 0
    beats: list[Beat] = attrs.field(factory=list)

    def wait(self, seconds: int) -> None:
        """Let time go by."""
        self.seconds += seconds
        self.wire.pass_time(seconds)

    def post_hook(self, what: str, body: Json) -> Json:
        """Post to the webhook for `call`, `text` or `status`."""
        return self.post(f"{self.wire.public_url}/hooks/{self.provider}/{what}", body)

    def post(self, url: str, body: Json) -> Json:
        """Post signed JSON, and return the answer; nothing for an answer without a body."""
        content = json.dumps(body, ensure_ascii=False).encode()
        event, stamp = str(body["id"]), int(self.wire.moment.timestamp())
        headers = {
            "Content-Type": "application/json",
            signature.ID: event,
            signature.TIMESTAMP: str(stamp),
            signature.SIGNATURE: signature.sign(self.key, event, stamp, content),
        }
        reply = self.wire.post(url, headers, content)
        if not reply.body:
            return {}
        try:
            answer = json.loads(reply.body)
        except ValueError as error:
            raise SimulationError(f"the answer is no JSON ({error})") from error
        if not isinstance(answer, dict) or answer.get("schema") != "answer/1":
            raise SimulationError("the answer is not of the schema answer/1")
        return answer


def play_text(pbx: Pbx) -> None:
    """Bring a text, and hear what is replied."""
    pbx.sid = pbx.new_id()
    scenario = pbx.scenario
    ends = {"from": scenario.caller, "to": scenario.number.e164}
    answer = pbx.post_hook("text", {"id": pbx.sid, **ends, "text": scenario.text or ""})
    pbx.beats.append(story.is_replied(answer.get("reply")))


def play_call(pbx: Pbx) -> None:
    """Bring a call, follow it to its end, and report that."""
    pbx.sid = pbx.new_id()
    scenario = pbx.scenario
    legs = iter(scenario.legs)
    attested = {"verified": True} if scenario.verified else {}
    call = {"id": pbx.sid, "from": scenario.caller, "to": scenario.number.e164, **attested}
    answer: Json | None = pbx.post_hook("call", call)
    for count in range(MOST_ANSWERS):
        if answer is None:
            break
        answer = _perform(pbx, answer, legs, f"{pbx.sid}-{count}")
    else:
        raise SimulationError("the call goes round in circles")
    pbx.post_hook("status", {"id": f"{pbx.sid}-end", "call": pbx.sid, "status": "completed", "seconds": pbx.seconds})


def _perform(pbx: Pbx, answer: Json, legs: Iterator[RingEnd], event: str) -> Json | None:
    """Do the actions of an answer; return the answer they lead to, None when the call is over. *event* names what is reported."""
    for action in answer.get("actions", ()):
        match action:
            case {"ring": [_, *_]}:
                return _ring(pbx, action, next(legs, NOBODY), event)
            case {"say": text}:
                pbx.beats.append(story.says("the caller", text))
                pbx.wait(_SPOKEN_SECONDS)
            case {"play": url}:
                pbx.beats.append(story.plays("the caller", url))
                pbx.wait(_SPOKEN_SECONDS)
            case {"voicemail": voicemail}:
                _voicemail(pbx, voicemail, event)
                return None
            case {"reject": reason}:
                pbx.beats.append(story.is_refused(reason))
                return None
            case {"hangup": True}:
                break
            case _:
                raise SimulationError(f"the answer has an action that is none of answer/1: {action}")
    if not pbx.beats[-1:] or "hears" in pbx.beats[-1].data:
        pbx.beats.append(story.is_over())
    return None


def _ring(pbx: Pbx, action: Json, planned: RingEnd, event: str) -> Json | None:
    """Ring phones, end that as *planned*, report it."""
    owners = [(story.whose(pbx.directory, leg["to"]), leg["to"]) for leg in action["ring"]]
    chosen, address = next(((phone, to) for phone, to in owners if phone.person == planned.by), owners[0])
    longest = int(action["seconds"])
    pbx.wait(longest if planned.ending in ("no-answer", "failed") else min(PICK_UP_SECONDS, longest))
    pbx.beats.append(story.rings(tuple(phone for phone, _ in owners), longest, planned.ending, by=chosen))
    report: Json = {"id": event, "result": planned.ending}
    if planned.ending == "answered":
        pbx.beats.append(story.connects(chosen, TALK_SECONDS, machine=False))
        pbx.wait(TALK_SECONDS)
        report |= {"answered_by": address, "seconds": TALK_SECONDS}
    following = pbx.post(action["next"], report)
    return None if planned.ending == "hung-up" else following


def _voicemail(pbx: Pbx, voicemail: Json, event: str) -> None:
    """Hear the greeting, then leave a message or hang up."""
    match voicemail.get("greeting"):
        case {"say": text}:
            pbx.beats.append(story.says("the caller", text))
        case {"play": url}:
            pbx.beats.append(story.plays("the caller", url))
    seconds = min(pbx.scenario.message, int(voicemail["max_seconds"]))
    pbx.beats.append(story.leaves_message(seconds, voicemail["box"]))
    pbx.wait(_SPOKEN_SECONDS + seconds)
    if seconds:
        pbx.post(
            voicemail["next"], {"id": event, "recording": f"https://pbx.example/{pbx.sid}.wav", "seconds": seconds}
        )
