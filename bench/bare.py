"""
`python -m bench.bare PORT`: what the webhook is measured against.

A stock twisted.web Site with one resource: it reads the form POST by way of `request.args`, as Twisted's own documentation
does, and answers a constant TwiML document. No signature, no decision, nothing written. The access log is stock as well.
"""

import sys
from typing import Any

from twisted.internet import reactor as installed
from twisted.web.resource import Resource
from twisted.web.server import Site

TWIML = b'<?xml version="1.0" encoding="UTF-8"?><Response><Dial timeout="20"><Number>+16175550141</Number></Dial></Response>'


class Bare(Resource):
    isLeaf = True  # noqa: N815  twisted.web's name

    def render_POST(self, request: Any) -> bytes:  # noqa: N802  twisted.web's name
        """Read two fields, answer the constant."""
        assert request.args[b"From"]
        assert request.args[b"To"]
        request.setHeader(b"content-type", b"text/xml")
        return TWIML


if __name__ == "__main__":
    reactor: Any = installed
    site: Any = Site
    bare: Any = Bare
    reactor.listenTCP(int(sys.argv[1]), site(bare()), backlog=128, interface="127.0.0.1")
    reactor.run()
