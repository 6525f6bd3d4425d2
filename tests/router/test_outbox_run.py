"""A thousand texts with seeded faults and a crash every hundred: none lost, none seen twice, each conversation in its order."""

import random
from collections import defaultdict
from types import ModuleType

import pytest

FAULTS = ("refuse", "cut", "accept-cut", "accept-hang", "hang", "busy", "busy-slow", "raise")
TEXTS, CRASHES = 1000, 100


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("shows", [True, False], ids=["the provider can be asked", "it cannot"])
def test_a_thousand_texts(outboxes: ModuleType, *, seed: int, shows: bool) -> None:
    """
    Where the provider can be asked, each text is seen once, in the order of its conversation.

    Where it cannot, a text may come twice, marked, or be given up with a notice; an automatic reply never comes twice.
    """
    rng = random.Random(seed)
    bureau = outboxes.Bureau()
    bureau.provider.shows = shows
    bureau.provider.faults.extend(rng.choice(FAULTS) if rng.random() < 0.2 else "ok" for _ in range(3 * TEXTS))
    keys = [f"01{place:04}.0/0" for place in range(TEXTS)]
    for place, key in enumerate(keys):
        person = rng.randrange(40)
        words = rng.choice(("ok", "I am on my way", f"number {place}"))
        more = {"to": f"+1617555{person:04}", "again": person % 4 > 0, "kind": "deliver" if person % 4 else "reply"}
        bureau.queue(key, lane=f"main|{person}", body=words, **more)
        if place % 3 == 0:
            bureau.run(1)
        if place % CRASHES == CRASHES - 1:
            bureau.index.seq = rng.randrange(len(bureau.journal.records))
            bureau.restart()
    bureau.run(12 * 3600, step=5)

    seen, order = defaultdict(list), defaultdict(list)
    for _, message, _ in bureau.provider.has:
        seen[message.key].append(message)
        if len(seen[message.key]) == 1:
            order[message.lane].append(message.key)
    dead = {key for key, _ in bureau.dead}
    assert set(seen) | dead == set(keys)
    assert all(lane == sorted(lane) for lane in order.values())
    assert bureau.provider.most <= 8
    assert max(bureau.provider.tries.values()) <= 12
    if shows:
        assert (len(bureau.provider.has), dead) == (TEXTS, set())
        return
    for messages in seen.values():
        assert len(messages) <= (2 if messages[0].again else 1)
        assert all(message.body.startswith("(may be a repeat)") for message in messages[1:])
