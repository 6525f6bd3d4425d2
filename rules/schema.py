"""The JSON Schema (draft-07) of a rule file and of a file of tests, made of the tables the reader reads them by."""

from collections.abc import Mapping
from typing import Any

from rules.cases.fields import FILE
from rules.fragments import DEFINE, Fragment
from rules.parse.sections import SECTIONS

Schema = dict[str, Any]
_DRAFT = "http://json-schema.org/draft-07/schema#"


def rule_file() -> Schema:
    """Return the schema of a rule file; since sections may stand in several files, none of them is required."""
    sections = {section.key: section.fragment() for section in SECTIONS}
    whole = {"type": "object", "properties": sections, "additionalProperties": False, "minProperties": 1}
    return _finished("switchhook rule file", "Where calls and texts go, and when.", whole)


def tests_file() -> Schema:
    """Return the schema of a file of tests."""
    return _finished("switchhook tests", "Moments, and what must happen then.", FILE.fragment())


def _finished(title: str, description: str, whole: Fragment) -> Schema:
    """Put the head on, and the pieces with a name under `definitions`, each once."""
    definitions: Schema = {}
    body = _referring(whole, definitions)
    head = {"$schema": _DRAFT, "title": title, "description": description}
    return {**head, **body, **({"definitions": definitions} if definitions else {})}


def _referring(piece: Any, definitions: Schema) -> Any:
    """Return *piece* with references in the place of what has a name; beside a reference nothing else would count."""
    if isinstance(piece, Mapping):
        name = piece.get(DEFINE)
        own = {key: value for key, value in piece.items() if key not in (DEFINE, "description", "default")}
        if name is None:
            return {key: _referring(value, definitions) for key, value in piece.items()}
        if name not in definitions:
            definitions[name] = {}
            definitions[name].update(_referring(own, definitions))
        said = {key: piece[key] for key in ("description", "default") if key in piece}
        reference = {"$ref": f"#/definitions/{name}"}
        return {**said, "allOf": [reference]} if said else reference
    if isinstance(piece, list | tuple):
        return [_referring(each, definitions) for each in piece]
    return piece
