"""Reading what a test expects: a word, people, rounds of people; `none` for nothing."""

from rules import fragments
from rules.cases.case import Want
from rules.decode import DURATION, NAMES, TEXT, Kind, bad_value, choice, wrong_shape
from rules.source import Report
from rules.yamltree import Node, Scalar, Sequence

_OR_NONE = ", or none"


def _is_none(node: Node) -> bool:
    """Say whether *node* expects nothing: `none`, or an empty list."""
    return (isinstance(node, Scalar) and node.text == "none") or (isinstance(node, Sequence) and not node.items)


def word(wants: str) -> Kind[Want]:
    """Make a kind for one name or text, or none."""

    def read(key: str, node: Node, report: Report) -> Want | None:
        if _is_none(node):
            return Want(None, (), node.at)
        said = TEXT.read(key, node, report)
        return None if said is None else Want(said.text, (said,), node.at)

    return Kind(wants + _OR_NONE, read, fragment=TEXT.fragment)


def one_of(*words: str) -> Kind[Want]:
    """Make a kind for one of *words*, or none."""
    plain = choice(*words, "none")

    def read(key: str, node: Node, report: Report) -> Want | None:
        said = plain.read(key, node, report)
        return None if said is None else Want(None if said == "none" else said, (), node.at)

    return Kind(plain.wants, read, plain.choices, plain.fragment)


def _read_people(key: str, node: Node, report: Report) -> Want | None:
    if _is_none(node):
        return Want((), (), node.at)
    words = NAMES.read(key, node, report)
    return None if words is None else Want(tuple(word.text for word in words), words, node.at)


def _read_somebody(key: str, node: Node, report: Report) -> Want | None:
    words = NAMES.read(key, node, report)
    return None if words is None else Want(tuple(word.text for word in words), words, node.at)


def _read_rounds(key: str, node: Node, report: Report) -> Want | None:
    if _is_none(node):
        return Want((), (), node.at)
    if not isinstance(node, Sequence):
        report(wrong_shape(key, ROUNDS.wants, node, "write [[dana], [ben], [anna, chloe]]: each try with who is rung"))
        return None
    rounds = [NAMES.read(key, item, report) for item in node.items]
    found = [round_ for round_ in rounds if round_ is not None]
    if len(found) < len(rounds):
        return None
    words = tuple(word for round_ in found for word in round_)
    return Want(tuple(tuple(word.text for word in round_) for round_ in found), words, node.at)


def _read_seconds(key: str, node: Node, report: Report) -> Want | None:
    items = node.items if isinstance(node, Sequence) else [node]
    if not items:
        report(bad_value(key, node, SECONDS.wants))
        return None
    found = [DURATION.read(key, item, report) for item in items]
    durations = tuple(each.value for each in found if each is not None)
    return Want(durations, (), node.at) if len(durations) == len(found) else None


_PEOPLE = fragments.any_of(NAMES.fragment, {"type": "array", "maxItems": 0})
_ROUNDS = fragments.any_of({"enum": ["none"]}, fragments.listed(NAMES.fragment))

PEOPLE: Kind[Want] = Kind("people, one name or a list of names" + _OR_NONE, _read_people, fragment=_PEOPLE)
SOMEBODY: Kind[Want] = Kind("people, one name or a list of names", _read_somebody, fragment=NAMES.fragment)
ROUNDS: Kind[Want] = Kind("a list of tries, each a list of people" + _OR_NONE, _read_rounds, fragment=_ROUNDS)
SECONDS: Kind[Want] = Kind(
    "durations, one for each try", _read_seconds, fragment=fragments.one_or_more(DURATION.fragment)
)
