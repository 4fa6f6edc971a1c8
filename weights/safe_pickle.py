"""Reads a pickle as data. No code in it can run: there is no import here, and nothing is called but the few functions
that the caller names. Whatever else a pickle mentions, calls or builds becomes a Record: a dict that knows its name."""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

# Far more than a checkpoint of any network and its optimizer needs. A pickle may refer to one object any number of
# times, so its length alone does not limit what it describes; this does.
MOST_OPERATIONS = 2_000_000
MOST_NUMBER_KEYS = 100_000  # of dicts: other than names, numbers can be chosen to have one hash


class Refused(ValueError):
    """The pickle asks for something that plain weights do not need."""


@dataclass(frozen=True)
class Global:
    """A `module.name` that the pickle mentions. Only a name: never the imported thing."""

    name: str


class Record(dict):
    """What stands for an object of a type that nobody here knows: its name, and the items that it was given, if it
    is a kind of dict. Never the object: it was neither imported nor called."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_LITERALS = set(
    "INT LONG FLOAT STRING UNICODE BININT BININT1 BININT2 LONG1 LONG4 BINFLOAT BINUNICODE SHORT_BINUNICODE "
    "BINUNICODE8 BINSTRING SHORT_BINSTRING BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8".split()
)
_TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_PUTS, _GETS = ("PUT", "BINPUT", "LONG_BINPUT"), ("GET", "BINGET", "LONG_BINGET")


class _Machine:
    """The stack machine of a pickle."""

    def __init__(
        self, functions: Mapping[str, Callable[..., Any]], persistent: Callable[[Any], Any] | None
    ) -> None:
        self.functions, self.persistent = functions, persistent
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.work = self.number_keys = 0

    def marked(self) -> list[Any]:
        items, self.stack = self.stack, self.marks.pop()
        return items

    def set_items(self, target: Any, items: list[Any]) -> None:
        if not isinstance(target, dict):
            raise Refused("the pickle sets items of something that is not a dict")
        for key, value in zip(items[::2], items[1::2], strict=True):
            if isinstance(key, (int, float)):
                self.number_keys += 1
            elif not isinstance(key, str):
                if isinstance(target, Record):
                    continue  # of no use here
                raise Refused("the pickle has a dict with keys that are neither names nor numbers")
            target[key] = value
        if self.number_keys > MOST_NUMBER_KEYS:
            raise Refused(f"the pickle has dicts with more than {MOST_NUMBER_KEYS} numbers as keys")

    def append(self, target: Any, items: list[Any]) -> None:
        if isinstance(target, list):
            target.extend(items)
        elif not isinstance(target, Record):
            raise Refused("the pickle appends to something that is not a list")

    def call(self, function: Any, arguments: Any) -> Any:
        if not isinstance(function, Global) or not isinstance(arguments, tuple):
            raise Refused("the pickle calls something that has no name")
        if function.name not in self.functions:
            return Record(function.name)
        self.work += sum(len(each) for each in arguments if isinstance(each, (list, tuple, dict)))
        return self.functions[function.name](*arguments)

    def build(self) -> None:
        """The attributes of an object: of no use here, but for those of a Record, as a module keeps its weights."""
        state, target = self.stack.pop(), self.stack[-1]
        if isinstance(target, Record) and isinstance(state, dict):
            self.work += len(state)
            target.update(state)

    def step(self, op: str, argument: Any) -> None:
        stack = self.stack
        if op in ("PROTO", "FRAME"):
            pass
        elif op == "POP":
            stack.pop()
        elif op == "POP_MARK":
            self.marked()
        elif op == "DUP":
            stack.append(stack[-1])
        elif op in _CONSTANTS:
            stack.append(_CONSTANTS[op])
        elif op in _LITERALS:
            stack.append(argument)
        elif op == "EMPTY_DICT":
            stack.append({})
        elif op == "EMPTY_LIST":
            stack.append([])
        elif op == "EMPTY_SET":
            stack.append(Record("set"))
        elif op in _TUPLES:
            count = _TUPLES[op]
            stack[len(stack) - count :] = [tuple(stack[len(stack) - count :])]
        elif op == "MARK":
            self.marks.append(stack)
            self.stack = []
        elif op == "TUPLE":
            items = self.marked()
            self.stack.append(tuple(items))
        elif op == "LIST":
            items = self.marked()
            self.stack.append(items)
        elif op == "FROZENSET":
            self.marked()
            self.stack.append(Record("frozenset"))
        elif op == "DICT":
            items, made = self.marked(), {}
            self.set_items(made, items)
            self.stack.append(made)
        elif op in ("APPENDS", "ADDITEMS"):
            items = self.marked()
            self.append(self.stack[-1], items)
        elif op == "APPEND":
            item = stack.pop()
            self.append(stack[-1], [item])
        elif op == "SETITEMS":
            items = self.marked()
            self.set_items(self.stack[-1], items)
        elif op == "SETITEM":
            value, key = stack.pop(), stack.pop()
            self.set_items(stack[-1], [key, value])
        elif op in _PUTS:
            self.memo[argument] = stack[-1]
        elif op == "MEMOIZE":
            self.memo[len(self.memo)] = stack[-1]
        elif op in _GETS:
            stack.append(self.memo[argument])
        elif op == "GLOBAL":
            stack.append(Global(argument.replace(" ", ".", 1)))
        elif op == "STACK_GLOBAL":
            name, module = stack.pop(), stack.pop()
            if not isinstance(name, str) or not isinstance(module, str):
                raise Refused("the pickle mentions something whose name is no text")
            stack.append(Global(f"{module}.{name}"))
        elif op in ("REDUCE", "NEWOBJ"):
            arguments, function = stack.pop(), stack.pop()
            stack.append(self.call(function, arguments))
        elif op == "NEWOBJ_EX":
            _, arguments, function = stack.pop(), stack.pop(), stack.pop()
            stack.append(self.call(function, arguments))
        elif op == "INST":
            self.marked()
            self.stack.append(Record(argument.replace(" ", ".", 1)))
        elif op == "OBJ":
            function, *arguments = self.marked()
            self.stack.append(self.call(function, tuple(arguments)))
        elif op == "BUILD":
            self.build()
        elif op == "BINPERSID" and self.persistent is not None:
            stack.append(self.persistent(stack.pop()))
        else:
            raise Refused(f"the pickle uses {op}, which weights do not need")


def load(
    stream: BinaryIO,
    functions: Mapping[str, Callable[..., Any]],
    persistent: Callable[[Any], Any] | None = None,
) -> Any:
    """The object of the pickle at the stream's position, which is left after it. The stream must be in memory: lengths
    in the pickle are then bounded by its end. `functions` may be called by the pickle, nothing else is. Raises
    ValueError (Refused among them), or what popping an empty stack and the functions raise."""
    machine = _Machine(functions, persistent)
    for opcode, argument, _ in pickletools.genops(stream):
        if opcode.name == "STOP":
            return machine.stack.pop()
        machine.step(opcode.name, argument)
        machine.work += 1
        if machine.work > MOST_OPERATIONS:
            raise Refused(f"the pickle takes more than {MOST_OPERATIONS} operations")
    raise ValueError("the pickle has no end")
