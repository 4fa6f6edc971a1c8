"""Reads a pickle as data. No code in it can run: there is no import here, and of pickle's opcodes only those that
build plain containers, plus calls to the few functions the caller names. Anything else is refused."""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO


class Refused(ValueError):
    """The pickle asks for something that plain weights do not need."""


@dataclass(frozen=True)
class Global:
    """A `module.name` that the pickle mentions and the caller allows. Only a name: never the imported thing."""

    name: str


_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_LITERALS = set(
    "BININT BININT1 BININT2 LONG1 LONG4 BINFLOAT BINUNICODE SHORT_BINUNICODE BINUNICODE8 "
    "BINSTRING SHORT_BINSTRING BINBYTES SHORT_BINBYTES BINBYTES8".split()
)
_TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


def load(
    stream: BinaryIO,
    functions: Mapping[str, Callable[..., Any]],
    names: frozenset[str] = frozenset(),
    persistent: Callable[[Any], Any] | None = None,
) -> Any:
    """The object of the pickle at the stream's position, which is left after it. The stream must be in memory: lengths
    in the pickle are then bounded by its end. `functions` may be called by the pickle, `names` only mentioned.
    Raises ValueError (Refused among them), or what popping an empty stack and the functions raise."""
    stack: list[Any] = []
    marks: list[list[Any]] = []
    memo: dict[int, Any] = {}

    def allowed(name: str) -> Global:
        if name not in functions and name not in names:
            raise Refused(f"the pickle asks for {name!r}, which weights do not need; nothing was run")
        return Global(name)

    def popped_mark() -> list[Any]:
        nonlocal stack
        items, stack = stack, marks.pop()
        return items

    def set_items(target: Any, items: list[Any]) -> None:
        if not isinstance(target, dict) or not all(isinstance(key, (str, int, float)) for key in items[::2]):
            raise Refused("the pickle sets items of something that is not a plain dict")
        target.update(zip(items[::2], items[1::2]))

    def extend(target: Any, items: list[Any]) -> None:
        if not isinstance(target, list):
            raise Refused("the pickle appends to something that is not a list")
        target.extend(items)

    for opcode, argument, _ in pickletools.genops(stream):
        op = opcode.name
        if op in ("PROTO", "FRAME"):
            pass
        elif op == "STOP":
            return stack.pop()
        elif op in _CONSTANTS:
            stack.append(_CONSTANTS[op])
        elif op in _LITERALS:
            stack.append(argument)
        elif op == "EMPTY_DICT":
            stack.append({})
        elif op == "EMPTY_LIST":
            stack.append([])
        elif op in _TUPLES:
            count = _TUPLES[op]
            stack[len(stack) - count :] = [tuple(stack[len(stack) - count :])]
        elif op == "MARK":
            marks.append(stack)
            stack = []
        elif op == "TUPLE":
            items = popped_mark()
            stack.append(tuple(items))
        elif op == "APPENDS":
            items = popped_mark()
            extend(stack[-1], items)
        elif op == "APPEND":
            item = stack.pop()
            extend(stack[-1], [item])
        elif op == "SETITEMS":
            items = popped_mark()
            set_items(stack[-1], items)
        elif op == "SETITEM":
            value, key = stack.pop(), stack.pop()
            set_items(stack[-1], [key, value])
        elif op in ("BINPUT", "LONG_BINPUT"):
            memo[argument] = stack[-1]
        elif op == "MEMOIZE":
            memo[len(memo)] = stack[-1]
        elif op in ("BINGET", "LONG_BINGET"):
            stack.append(memo[argument])
        elif op == "GLOBAL":
            stack.append(allowed(argument.replace(" ", ".")))
        elif op == "STACK_GLOBAL":
            name, module = stack.pop(), stack.pop()
            stack.append(allowed(f"{module}.{name}"))
        elif op == "REDUCE":
            arguments, function = stack.pop(), stack.pop()
            if not isinstance(function, Global) or function.name not in functions:
                raise Refused("the pickle calls something that is not a function for rebuilding tensors")
            stack.append(functions[function.name](*arguments))
        elif op == "BUILD":
            stack.pop()  # the attributes of an object, such as OrderedDict._metadata: of no use here
        elif op == "BINPERSID" and persistent is not None:
            stack.append(persistent(stack.pop()))
        else:
            raise Refused(f"the pickle uses {op}, which weights do not need; nothing was run")
    raise ValueError("the pickle has no end")
