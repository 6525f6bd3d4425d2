"""How much is kept of what comes from outside. Nothing honest is cut; what is longer costs no more than what is not."""

ADDRESS = 256
"""Characters of who calls, who is called and who forwarded: a telephone number, or a `sip:` address with its parameters."""

NAME = 256
"""Characters of a caller's name."""

WORD = 64
"""Characters of a reason, a status or a time."""

HOPS = 20
"""How many times a call may have been forwarded before it reached us; rules can ask for no more (`max_diversions`)."""
