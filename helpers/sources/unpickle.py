"""A reader for the pickles of CIFAR that runs nothing.

A pickle is a program for a small stack machine, and Python's own machine may call any function it
is told to. The machine here knows the few instructions that a dictionary of strings, numbers,
lists and uint8 arrays needs. It never imports and never calls what a file names: the names of
NumPy's array constructors only select code of this module, any other name ends the reading.
Each instruction costs a bounded amount of time and memory, so no file can hang the reader either.
"""

import io
import pickletools

from helpers.errors import UserError
from helpers.sources import pickled

MAX_STEPS = 5_000_000  # the largest official batch takes some 400,000


class _Mark:
    """Marks where a list, tuple or dictionary begins on the stack."""


_MARK = _Mark()
_NUMPY_CORE = ("numpy.core.", "numpy._core.")
_ADMITTED = {
    **{(core + "multiarray", "_reconstruct"): "reconstruct" for core in _NUMPY_CORE},
    **{(core + "numeric", "_frombuffer"): "frombuffer" for core in _NUMPY_CORE},
    ("numpy", "ndarray"): "ndarray",
    ("numpy", "dtype"): "dtype",
    ("_codecs", "encode"): "encode",
    ("__builtin__", "bytes"): "bytes",  # how protocol 2 writes b""
    ("builtins", "bytes"): "bytes",
    ("builtins", "bytearray"): "bytes",
}
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_NUMBERS = {"INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"}
_TEXTS = {"STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE"}
_TEXTS |= {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"}
_BYTES = {"BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"}
_SCALARS = _NUMBERS | _TEXTS | _BYTES
_TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


def load(data: bytes, where: object) -> dict[str, object]:
    """Read one pickled batch.

    Args:
        data: the pickle, of protocol 0 to 5.
        where: the file to name in an error.

    Returns:
        A dictionary with str keys. Values are str, bytes, int, float, list, tuple, dict, or
        uint8 arrays.

    Raises:
        UserError: the pickle is damaged, or wants anything beyond such values.
    """
    try:
        result = _Machine(budget=4 * len(data)).run(data)
        if not isinstance(result, dict):
            raise pickled.Refused("no dictionary in it")
        if not all(isinstance(key, str | bytes) for key in result):
            raise pickled.Refused("keys that are not text")
        return {pickled.text(key): pickled.finished(value) for key, value in result.items()}
    except pickled.Refused as reason:
        problem = str(reason)
    except Exception as error:  # whatever a damaged stream makes of pickletools or the stack
        problem = f"damaged, {type(error).__name__}"
    raise UserError(
        f"{where} is not a plain pickle of arrays and was not read ({problem}): "
        "get the official archive"
    )


class _Machine:
    """The stack machine for one pickle; `budget` bounds the bytes that its calls may copy."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.stack: list = []
        self.memo: dict[int, object] = {}

    def run(self, data: bytes) -> object:
        for step, (opcode, argument, _) in enumerate(pickletools.genops(io.BytesIO(data))):
            if step > MAX_STEPS:
                raise pickled.Refused("too long")
            name = opcode.name
            if name == "STOP":
                return pickled.finished(self.stack.pop())
            if name in _SCALARS:
                self.stack.append(argument)
            elif name in _CONSTANTS:
                self.stack.append(_CONSTANTS[name])
            elif name in _TUPLES:
                self.stack.append(tuple(self._pop(_TUPLES[name])))
            else:
                action = getattr(self, "_do_" + name.lower(), None)
                if action is None:
                    raise pickled.Refused(f"instruction {name}")
                action(argument)
        raise pickled.Refused("no end")

    def _pop(self, count: int) -> list:
        if count == 0:
            return []
        if count > len(self.stack):
            raise pickled.Refused("empty stack")
        items = self.stack[-count:]
        del self.stack[-count:]
        return items

    def _pop_to_mark(self) -> list:
        for start in range(len(self.stack) - 1, -1, -1):
            if self.stack[start] is _MARK:
                items = self.stack[start + 1 :]
                del self.stack[start:]
                return items
        raise pickled.Refused("no mark")

    # Instructions without effect here.
    def _do_proto(self, _version): ...

    def _do_frame(self, _size): ...

    def _do_mark(self, _):
        self.stack.append(_MARK)

    # Memory.
    def _do_put(self, slot):
        self.memo[int(slot)] = self.stack[-1]

    _do_binput = _do_long_binput = _do_put

    def _do_memoize(self, _):
        self.memo[len(self.memo)] = self.stack[-1]

    def _do_get(self, slot):
        self.stack.append(self.memo[int(slot)])

    _do_binget = _do_long_binget = _do_get

    # Containers.
    def _do_empty_list(self, _):
        self.stack.append([])

    def _do_empty_dict(self, _):
        self.stack.append({})

    def _do_list(self, _):
        self.stack.append(self._pop_to_mark())

    def _do_tuple(self, _):
        self.stack.append(tuple(self._pop_to_mark()))

    def _do_dict(self, _):
        items = self._pop_to_mark()
        self.stack.append({})
        self._set_items(items)

    def _do_append(self, _):
        (item,) = self._pop(1)
        self._extend([item])

    def _do_appends(self, _):
        self._extend(self._pop_to_mark())

    def _extend(self, items: list):
        if type(self.stack[-1]) is not list:
            raise pickled.Refused("append to no list")
        self.stack[-1].extend(items)

    def _do_setitem(self, _):
        self._set_items(self._pop(2))

    def _do_setitems(self, _):
        self._set_items(self._pop_to_mark())

    def _set_items(self, items: list):
        target = self.stack[-1]
        if type(target) is not dict or len(items) % 2:
            raise pickled.Refused("entries for no dictionary")
        for key, value in zip(items[::2], items[1::2], strict=True):
            # Only short plain keys: to hash a nested tuple may take forever.
            if not isinstance(key, str | bytes):
                raise pickled.Refused("a key that is not text")
            target[key] = value

    # Names and what they make.
    def _do_global(self, argument):
        module, _, name = argument.partition(" ")
        self._push_name(module, name)

    def _do_stack_global(self, _):
        module, name = self._pop(2)
        self._push_name(module, name)

    def _push_name(self, module, name):
        if not (isinstance(module, str) and isinstance(name, str)):
            raise pickled.Refused("a name that is not text")
        if (module, name) not in _ADMITTED:
            raise pickled.Refused(f"it asks for {module[:40]!r}.{name[:40]!r}")
        self.stack.append(pickled.Name(_ADMITTED[module, name]))

    def _do_reduce(self, _):
        function, arguments = self._pop(2)
        if not isinstance(function, pickled.Name) or type(arguments) is not tuple:
            raise pickled.Refused("a call of no known function")
        makers = {
            "reconstruct": pickled.make_array,
            "frombuffer": pickled.array_from_buffer,
            "dtype": pickled.make_dtype,
            "encode": pickled.encode,
            "bytes": pickled.make_bytes,
        }
        if function.name not in makers:
            raise pickled.Refused(f"a call of {function.name}")
        self._spend(arguments)
        self.stack.append(makers[function.name](*arguments))

    def _do_build(self, _):
        (state,) = self._pop(1)
        target = self.stack[-1]
        if type(state) is not tuple:
            raise pickled.Refused("a state that is no tuple")
        self._spend(state)
        if isinstance(target, pickled.Array):
            pickled.fill_array(target, *state)
        elif not isinstance(target, pickled.Dtype):  # the state of uint8 says nothing new
            raise pickled.Refused("a state for no array")

    def _spend(self, arguments: tuple) -> None:
        # The memo lets a short file hand over the same megabytes again and again.
        self.budget -= sum(len(item) for item in arguments if isinstance(item, str | bytes))
        if self.budget < 0:
            raise pickled.Refused("more bytes made than the file has")
