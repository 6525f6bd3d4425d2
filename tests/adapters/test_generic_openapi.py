"""The OpenAPI file is valid, and every example in it is what the adapter really reads and writes."""

import json
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
import yaml
from openapi_spec_validator import validate

import adapters.generic
from adapters.api import (
    Action,
    Answer,
    HangUp,
    Leg,
    PlayUrl,
    RawRequest,
    RejectCall,
    ReplyText,
    RingLegs,
    Speak,
    TakeMessage,
)
from adapters.generic import Generic, signature
from adapters.generic.read import DELIVERY, ENDINGS
from adapters.generic.rest import Exchange
from adapters.outcome import NotThere, Refused, Sent
from adapters.sending import OutgoingText, RestReply
from rules.event import Result

FILE = Path(adapters.generic.__file__).parent.parent / "generic.openapi.yaml"
API: dict[str, Any] = yaml.safe_load(FILE.read_text())
PBX = Generic("pbx", "https://phone.example.com", None, ["secret"])
EXCHANGE = Exchange("pbx", "https://pbx.example.com/texts", b"secret", "https://phone.example.com", "/hooks/pbx/status")
NOW = 1_770_071_127


def _content(part: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = part["content"]["application/json"]
    return content


def _requests() -> list[Any]:
    found = []
    for path, item in API["paths"].items():
        content = _content(item["post"]["requestBody"])
        for name, example in content["examples"].items():
            found.append(pytest.param(path, content["schema"], example["value"], id=f"{path} {name}"))
    return found


def _responses() -> list[Any]:
    found = []
    for path in ("/hooks/{provider}/call", "/hooks/{provider}/text"):
        content = _content(API["paths"][path]["post"]["responses"]["200"])
        for name, example in content["examples"].items():
            found.append(pytest.param(path, content["schema"], example["value"], id=f"{path} {name}"))
    return found


def _check(value: Any, schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(schema | {"components": API["components"]}).validate(value)


def test_the_file_is_valid() -> None:
    """By the OpenAPI 3.1 specification."""
    validate(API)


@pytest.mark.parametrize(("path", "schema", "example"), _requests())
def test_request_examples_are_read(path: str, schema: dict[str, Any], example: Any) -> None:
    """They fit their schema, verify when signed, and mean one happening each."""
    body = json.dumps(example).encode()
    uri = path.replace("{provider}", "pbx").replace("{token}", "01J9.0.0.mac")
    headers = {
        "content-type": ["application/json"],
        "webhook-id": ["1"],
        "webhook-timestamp": [str(NOW)],
        "webhook-signature": [signature.sign(b"secret", "1", NOW, body)],
    }
    request = RawRequest("POST", uri, tuple(uri.split("/")[3:]), headers, body, float(NOW))

    _check(example, schema)
    PBX.verify(request)

    assert len(PBX.read(request)) == 1


@pytest.mark.parametrize(("path", "schema", "example"), _responses())
def test_response_examples_are_written(path: str, schema: dict[str, Any], example: Any) -> None:
    """They fit their schema, and the adapter writes exactly them."""
    _check(example, schema)

    if "reply" in example:
        actions: tuple[Action, ...] = (ReplyText(example["reply"]),) if example["reply"] else ()
        answer = Answer(to="text", actions=actions, decision=example["decision"])
    else:
        links = {what: one["next"] for what, one in _linked(example["actions"])}
        answer = Answer(
            to="call",
            actions=tuple(_action(one) for one in example["actions"]),
            call=example["call"],
            decision=example["decision"],
            link=lambda what, _leg: str(links[what]),
        )

    assert json.loads(PBX.write(answer).body) == example


def _linked(actions: list[Any]) -> list[tuple[str, Any]]:
    return [("next", one) for one in actions if "ring" in one] + [
        ("message", one["voicemail"]) for one in actions if "voicemail" in one
    ]


def _action(written: dict[str, Any]) -> Action:
    match written:
        case {"ring": legs, "seconds": seconds, "caller_id": caller_id}:
            rung = tuple(Leg(n, leg["to"], leg["confirm"]) for n, leg in enumerate(legs))
            return RingLegs(rung, seconds, caller_id)
        case {"voicemail": box}:
            greeting = _action(box["greeting"])
            assert isinstance(greeting, Speak | PlayUrl)
            return TakeMessage(box["box"], greeting, box["max_seconds"], False)
        case {"say": text}:
            return Speak(text, written.get("language"))
        case {"play": url}:
            return PlayUrl(url)
        case {"reject": reason}:
            return RejectCall(reason)
    assert written == {"hangup": True}
    return HangUp()


@pytest.mark.parametrize(
    ("name", "media", "valid_for"),
    [
        pytest.param("plain", (), None, id="words"),
        pytest.param("short-lived", ("https://phone.example.com/media/0f3a.jpg",), 3600, id="a picture, for an hour"),
    ],
)
def test_text_examples_are_posted(name: str, media: tuple[str, ...], valid_for: int | None) -> None:
    """They fit their schema, the adapter posts exactly them, and a receiver that checks signatures believes it."""
    content = _content(API["webhooks"]["text"]["post"]["requestBody"])
    example = content["examples"][name]["value"]
    _check(example, content["schema"])
    text = OutgoingText(
        id=example["id"].replace("_0_", ".0/"),
        at=NOW,
        to=example["to"],
        sender=example["from"],
        body=example["text"],
        media=media,
        valid_for=valid_for,
    )

    request = EXCHANGE.send(text)

    assert json.loads(request.body) == example
    headers = {key.lower(): [value] for key, value in request.headers.items()}
    signature.check([b"secret"], RawRequest("POST", "/", (), headers, request.body, float(NOW)))


@pytest.mark.parametrize(
    ("operation", "code", "example", "meaning"),
    [
        pytest.param(("text", "post"), "201", "taken", Sent("sms-9"), id="taken"),
        pytest.param(
            ("text", "post"),
            "422",
            "opted-out",
            Refused("the recipient wants no texts from this number", permanent=True, opted_out=True),
            id="opted out",
        ),
        pytest.param(("lookup", "get"), "200", "there", Sent("sms-9"), id="it is there"),
        pytest.param(("lookup", "get"), "404", "nothing", NotThere(), id="it never came"),
    ],
)
def test_answers_about_texts_are_understood(operation: tuple[str, str], code: str, example: str, meaning: Any) -> None:
    """As the file says they are meant."""
    name, method = operation
    content = _content(API["webhooks"][name][method]["responses"][code])
    value = content["examples"][example]["value"]
    _check(value, content["schema"])
    reply, text = (
        RestReply(int(code), {}, json.dumps(value).encode()),
        OutgoingText(id="1", at=NOW, to="", sender="", body=""),
    )

    said = EXCHANGE.read_sent(reply) if name == "text" else EXCHANGE.read_found(text, 0.0, lambda _: False, reply)

    assert said == meaning


def test_lists_of_words_agree_with_the_code() -> None:
    """Results and statuses are written down twice; they may not drift apart."""
    schemas = API["components"]["schemas"]
    about_call, about_text = schemas["Status"]["oneOf"]

    assert tuple(schemas["Result"]["enum"]) == get_args(Result)
    assert tuple(about_call["properties"]["status"]["enum"]) == ENDINGS
    assert tuple(about_text["properties"]["status"]["enum"]) == DELIVERY
