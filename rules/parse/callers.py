"""Groups of callers, and who is blocked."""

from rules import fragments
from rules.decode import YES_NO, Field, Kind, Shape, choice, one_or_more, shaped, text
from rules.source import Mark, Report
from rules.spec import BlockSpec, GroupSpec, Word
from rules.yamltree import Mapping, Node, Scalar

CALLERS: Kind[tuple[Word, ...]] = one_or_more(
    text("a number, a name or a kind of caller"), "numbers, names and kinds of caller"
)

_GROUP = Shape(
    "a group of callers",
    (
        Field("numbers", CALLERS, "who belongs to it", required=True, to="entries"),
        Field("verified", YES_NO, "only when the carrier vouches for the number", default=False),
    ),
)


GROUP_FRAGMENT = fragments.any_of(CALLERS.fragment, _GROUP.fragment())


def group(name: Scalar, node: Node, report: Report) -> GroupSpec | None:
    """Read one entry of `callers:`: a list, or `{numbers: […], verified: yes}`."""
    if isinstance(node, Mapping):
        values = _GROUP.read(name.text, node, report)
        return None if values is None else GroupSpec(name=name.text, at=name.at, **values)
    entries = CALLERS.read(name.text, node, report)
    return None if entries is None else GroupSpec(name.text, entries, verified=False, at=name.at)


_BLOCK = Shape(
    "`block`",
    (
        Field("from", CALLERS, "who is refused", default=(), to="entries"),
        Field("answer", choice("busy", "declined", "voicemail"), "what they hear", default="busy"),
    ),
)
BLOCK = shaped(_BLOCK, lambda at, values: BlockSpec(at=at, **values))


def default_block(at: Mark | None) -> BlockSpec:
    """Return the block when the file is silent: nobody."""
    return BlockSpec((), "busy", at)
