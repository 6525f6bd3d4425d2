"""The engine: one event in, one recorded answer out."""

from router.engine.engine import Engine

__all__ = ["Engine"]
