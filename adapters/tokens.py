"""Splits the token in the path of a call-back into step, leg and authenticator; nothing here is trusted yet."""

import re

from rules.event import StepRef

_TOKEN = re.compile(r"([^./]{1,64})\.(\d{1,4})\.(\d{1,4})\.([^./]{1,64})", re.ASCII)


def step_of(token: str) -> StepRef:
    """
    Read `<call>.<step>.<leg>.<mac>`.

    A token that is none becomes a reference no key can have signed: under a valid signature of the provider there is
    a caller on the line all the same, who must not hear an error.
    """
    found = _TOKEN.fullmatch(token)
    if found is None:
        return StepRef(token[:64], 0, 0, "")
    return StepRef(found[1], int(found[2]), int(found[3]), found[4])
