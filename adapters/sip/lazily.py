"""What is read of a message when somebody asks for it, once."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class lazily(Generic[T]):  # noqa: N801  used like `property`
    """
    A `functools.cached_property` without the lock it takes in Python 3.11 for each value: one thread reads a message.

    The class must have a `__dict__`. What the function raises is raised each time.
    """

    def __init__(self, read: Callable[[Any], T]) -> None:
        self.read = read
        self.name = read.__name__
        self.__doc__ = read.__doc__

    @overload
    def __get__(self, thing: None, owner: type) -> "lazily[T]": ...

    @overload
    def __get__(self, thing: object, owner: type) -> T: ...

    def __get__(self, thing: object | None, owner: type) -> "lazily[T] | T":
        """Read it, and put it where it is found without us from now on."""
        if thing is None:
            return self
        value = thing.__dict__[self.name] = self.read(thing)
        return value
