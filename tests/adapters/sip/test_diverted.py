"""Where a call has been before, and how our last answer ended."""

from collections.abc import Callable

import pytest

from adapters.lengths import HOPS
from adapters.sip.diverted import diversions, previous_result
from adapters.sip.message import Request
from rules.event import Diversion, Result

Read = Callable[..., Request]

INVITE = "INVITE sip:100@biz.example.com SIP/2.0"
ANNA = Diversion("+16175550100", "user-busy")


@pytest.mark.parametrize(
    ("lines", "hops"),
    [
        pytest.param([], (), id="straight to us"),
        pytest.param(["Diversion: <sip:+16175550100@b>;reason=User-Busy;privacy=off"], (ANNA,), id="one hop"),
        pytest.param(
            ["Diversion: <tel:+16175550100>;reason=user-busy;counter=3"], (ANNA,) * 3, id="a counter of three"
        ),
        pytest.param(
            ["Diversion: <tel:+16175550100>;reason=user-busy;counter=0"], (ANNA,), id="a counter of none is still one"
        ),
        pytest.param(
            ["Diversion: <tel:+16175550100>;reason=user-busy;counter=x"], (ANNA,), id="a counter that is none"
        ),
        pytest.param(
            ["Diversion: <tel:+16175550100>;reason=user-busy;counter=999999"],
            (ANNA,) * HOPS,
            id="a counter without end",
        ),
        pytest.param(
            [
                'Diversion: "A, B" <tel:+16175550100>;reason="user-busy", <sip:b@c>',
                "diversion: <sip:d@c>;reason=away;counter=2",
            ],
            (ANNA, Diversion("sip:b@c"), Diversion("sip:d@c", "away"), Diversion("sip:d@c", "away")),
            id="several, the nearest first",
        ),
        pytest.param(
            ['Diversion: "x y', "Diversion: ?, <tel:+16175550100>;reason=user-busy"], (ANNA,), id="broken ones"
        ),
        pytest.param(['Diversion: <sip:b@c>;reason="a b"'], (Diversion("sip:b@c"),), id="a reason of two words"),
        pytest.param(["Diversion: <mailto:b@c>"], (Diversion("unavailable"),), id="over something that is no address"),
        pytest.param(
            ["History-Info: <sip:a@b?Reason=SIP%3Bcause%3D486>;index=1,<sip:100@biz.example.com;cause=486>;index=1.1"],
            (Diversion("sip:a@b", "user-busy"),),
            id="History-Info, by the reason",
        ),
        pytest.param(
            [
                "History-Info: <sip:a@b>;index=1, <sip:c@b?x=y&reason=SIP%3Bcause%3D302>;index=1.1;mp=1, <sip:100@d>;index=1.2"
            ],
            (Diversion("sip:c@b", "unconditional"), Diversion("sip:a@b")),
            id="History-Info, by who came from where",
        ),
        pytest.param(
            ["History-Info: <tel:+1>;index=1, <mailto:a@b>;index=2;mp=1"], (Diversion("+1"),), id="a tel in it"
        ),
        pytest.param(
            ["History-Info: <sip:a@b?Reason=Q.850%3Bcause%3D17>;index=1, <sip:100@b>;index=2"],
            (),
            id="a reason that is not of SIP",
        ),
        pytest.param(
            [
                "History-Info: <sip:a@b?Reason=SIP%3Bcause%3D486>;index=1",
                "Diversion: <tel:+16175550100>;reason=user-busy",
            ],
            (ANNA,),
            id="Diversion goes before History-Info",
        ),
        pytest.param(
            ["History-Info: " + ",".join(["<sip:a@b?Reason=SIP%3Bcause%3D408>;index=1"] * 30)],
            (Diversion("sip:a@b", "no-answer"),) * HOPS,
            id="a history without end",
        ),
    ],
)
def test_who_forwarded(sip_request: Read, lines: list[str], hops: tuple[Diversion, ...]) -> None:
    """Every hop is told, the nearest first, as often as its counter says; only a trusted peer is believed."""
    request = sip_request(INVITE, *lines)

    assert diversions(request, trusted=True) == hops
    assert diversions(request, trusted=False) == ()


@pytest.mark.parametrize(
    ("lines", "result"),
    [
        pytest.param([], None, id="asked for the first time"),
        pytest.param(["Reason: SIP;cause=408"], "no-answer", id="408"),
        pytest.param(["Reason: SIP;cause=487"], "no-answer", id="487"),
        pytest.param(['reason: sip ; cause = 486 ; text="Busy, here"'], "busy", id="486"),
        pytest.param(["Reason: SIP;cause=600"], "busy", id="600"),
        pytest.param(["Reason: SIP;cause=603"], "busy", id="603, declined"),
        pytest.param(["Reason: SIP;cause=480"], "failed", id="480"),
        pytest.param(["Reason: SIP;cause=404"], "failed", id="404"),
        pytest.param(["Reason: SIP;cause=699"], "failed", id="699"),
        pytest.param(["Reason: SIP;cause=700"], None, id="700 is none"),
        pytest.param(["Reason: SIP;cause=399"], None, id="399 is no failure"),
        pytest.param(['Reason: SIP;cause=200;text="Call completed elsewhere"'], None, id="answered elsewhere"),
        pytest.param(["Reason: SIP"], None, id="no cause"),
        pytest.param(["Reason: SIP;cause=x"], None, id="a cause that is none"),
        pytest.param(["Reason: SIP;;cause=408"], None, id="a broken one"),
        pytest.param(['Reason: "SIP'], None, id="no list"),
        pytest.param(["Reason: preemption;cause=1"], None, id="another protocol"),
        pytest.param(["Reason: Q.850;cause=17"], "busy", id="Q.850: busy"),
        pytest.param(["Reason: Q.850;cause=19"], "no-answer", id="Q.850: no answer"),
        pytest.param(["Reason: Q.850;cause=27"], "failed", id="Q.850: out of order"),
        pytest.param(["Reason: Q.850;cause=16"], None, id="Q.850: normal clearing"),
        pytest.param(["Reason: Q.850;cause=16, SIP;cause=486"], "busy", id="the first that says something"),
        pytest.param(
            [
                "History-Info: <sip:100@biz.example.com?Reason=SIP%3Bcause%3D302>;index=1,"
                "<sip:alice@b?Reason=SIP%3Bcause%3D486>;index=1.1,<sip:bob@b?Reason=SIP%3Bcause%3D408>;index=1.2",
                "History-Info: <sip:100@biz.example.com>;index=1.3",
            ],
            "no-answer",
            id="History-Info: the last we sent it to",
        ),
        pytest.param(
            ["History-Info: <sip:anna@b?Reason=SIP%3Bcause%3D486>;index=1,<sip:100@biz.example.com>;index=1.1"],
            None,
            id="History-Info: forwarded by somebody busy, and with us for the first time",
        ),
        pytest.param(
            ["History-Info: <sip:x@b?Reason=SIP%3Bcause%3D486>;index=1"], None, id="History-Info: not about us at all"
        ),
    ],
)
def test_how_our_last_answer_ended(sip_request: Read, lines: list[str], result: Result | None) -> None:
    """A proxy that asks again says why; only a trusted one is believed."""
    request = sip_request(INVITE, *lines)

    assert previous_result(request, trusted=True) == result
    assert previous_result(request, trusted=False) is None
