"""
How far a message is, and how records move it on: pure.

    waiting -> sending -> sent -> delivered | failed
                  |  `-> unknown (look-ups) -> sent | waiting | dead
                  `-> waiting | dead

Every change is a record of the journal, and `follow` is the one place where a record changes a course: for a message on its
way, after a restart, and in the index. `router.outbox.machine` decides which record there will be.
"""

from collections.abc import Mapping
from typing import Any, Literal

import attrs

from router.clock import epoch

Phase = Literal["waiting", "sending", "unknown", "sent", "delivered", "failed", "dead", "dropped"]

UNFINISHED: frozenset[str] = frozenset({"waiting", "sending", "unknown"})
"""While a message is one of these, the next one of its lane waits."""

LEASE = 30.0
"""Seconds a try may take; then it is unknown what became of it."""

FIRST_LOOK = 5.0
"""Seconds after a doubt began until the provider is asked."""

LONGEST = 3600.0 * 1.2
"""Seconds between two tries at most."""


@attrs.frozen(kw_only=True)
class Course:
    """
    How far a message is. Moments are epoch seconds.

    *due*: when the next try or look-up is, or the lease ends. *fence*: number of the last try, never used twice. *tries* since
    the message was (last) put into its lane, *first* when they began. *worded*: since when a message with these words may be
    at the provider. *doubted*: since when nobody knows what became of it. *repeat*: it is marked as one. *resent*: it has been tried
    again because a receipt said that it had not arrived.
    """

    phase: Phase = "waiting"
    due: float = 0.0
    tries: int = 0
    fence: int = 0
    first: float | None = None
    began: float = 0.0
    worded: float | None = None
    doubted: float | None = None
    repeat: bool = False
    resent: bool = False
    reason: str | None = None


def follow(course: Course, kind: str, public: Mapping[str, Any], at: float) -> Course:
    """Return where a message stands after a record of *kind*, written *at*, that is about it."""
    match kind:
        case "attempt":
            return attrs.evolve(
                course,
                phase="sending",
                due=at + LEASE,
                tries=course.tries + 1,
                fence=public["fence"],
                first=at if course.first is None else course.first,
                began=at,
                worded=at if course.worded is None else course.worded,
                doubted=None,
            )
        case "sent":
            return attrs.evolve(course, phase="sent", due=0.0, doubted=None, reason=None)
        case "unsent":
            return _unsent(course, public, at)
        case "retried":
            doubtful = course.repeat or course.doubted is not None
            worded = None if doubtful else course.worded
            return Course(due=at, fence=course.fence, repeat=doubtful, worded=worded, resent=course.resent)
        case "dropped":
            return attrs.evolve(course, phase="dropped", due=0.0)
        case "receipt" if course.phase == "sent" and public.get("again_at"):
            repeat = course.repeat or bool(public.get("repeat"))
            return Course(
                due=epoch(public["again_at"]), fence=course.fence, repeat=repeat, resent=True, reason=public["reason"]
            )
        case "receipt" if course.phase == "sent" and public["outcome"] in ("delivered", "failed"):
            return attrs.evolve(course, phase=public["outcome"], reason=public.get("reason"))
    return course


def resumed(course: Course, at: float) -> Course:
    """Return a course taken up after a restart: moments another clock wrote must not make it wait for ever."""
    doubted = None if course.doubted is None else min(course.doubted, at)
    return attrs.evolve(course, due=min(course.due, at + LONGEST), doubted=doubted)


def _unsent(course: Course, public: Mapping[str, Any], at: float) -> Course:
    changed = attrs.evolve(course, reason=public["reason"])
    match public["outcome"]:
        case "unknown":
            return attrs.evolve(changed, phase="unknown", doubted=at, due=at + FIRST_LOOK)
        case "dead":
            doubted = course.doubted if public.get("unknown") else None
            return attrs.evolve(changed, phase="dead", due=0.0, doubted=doubted)
    repeat = course.repeat or bool(public.get("repeat"))
    return attrs.evolve(
        changed,
        phase="waiting",
        due=epoch(public["again_at"]),
        tries=course.tries - 1 if public.get("untried") else course.tries,
        worded=None if repeat and not course.repeat else course.worded,
        doubted=None,
        repeat=repeat,
    )
