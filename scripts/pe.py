"""What a Windows DLL imports and exports, read from its bytes: no tool for that is on every machine.

usage: pe.py FILE.dll...

The layout is that of Microsoft's "PE Format" (the 64-bit form, PE32+): a header, a table of directories, and
sections that say where in the file what comes to lie at which address.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import Iterator, NamedTuple

AMD64 = 0x8664
PE32_PLUS = 0x20B
EXPORTS, IMPORTS, DELAYED = 0, 1, 13  # places in the table of directories
MOST = 1 << 16  # names or libraries: more is no DLL of ours, but a file that leads us in a circle


class Dll(NamedTuple):
    """The names on both sides of a DLL, and when its header says it was linked (0: it does not say)."""

    imports: list[str]
    exports: list[str]
    timestamp: int


class NotADll(ValueError):
    """The bytes are not those of a 64-bit Windows DLL."""


def read(data: bytes) -> Dll:
    """Take a DLL apart."""
    try:
        return _read(data)
    except NotADll:
        raise
    except (struct.error, ValueError) as error:
        raise NotADll(f"is cut short or damaged: {error}") from error


def _read(data: bytes) -> Dll:
    if data[:2] != b"MZ":
        raise NotADll("does not begin with MZ")
    (header,) = struct.unpack_from("<I", data, 0x3C)
    if data[header : header + 4] != b"PE\0\0":
        raise NotADll("has no PE header")
    machine, sections, timestamp, _, _, optional_size, _ = struct.unpack_from("<HHIIIHH", data, header + 4)
    optional = header + 24
    (magic,) = struct.unpack_from("<H", data, optional)
    if machine != AMD64 or magic != PE32_PLUS:
        raise NotADll(f"is for machine {machine:#06x}, not x86-64")
    (directories,) = struct.unpack_from("<I", data, optional + 108)
    table = optional + optional_size
    spans = [struct.unpack_from("<IIII", data, table + 40 * number + 8) for number in range(sections)]

    def at(address: int) -> int:
        """Where in the file lies what is loaded at `address`."""
        for virtual_size, virtual, size, offset in spans:
            if virtual <= address < virtual + max(virtual_size, size):
                return int(offset + address - virtual)
        raise NotADll(f"has no section for the address {address:#x}")

    def name(address: int) -> str:
        start = at(address)
        return data[start : data.index(b"\0", start)].decode("ascii")

    def directory(number: int) -> int:
        """Its address, 0 where the file has none."""
        return int(struct.unpack_from("<I", data, optional + 112 + 8 * number)[0]) if number < directories else 0

    def libraries(number: int, size: int, place: int) -> Iterator[str]:
        """The names in a list of descriptors of `size` bytes that ends with an empty one."""
        if directory(number):
            for entry in range(MOST):
                (address,) = struct.unpack_from("<I", data, at(directory(number)) + entry * size + place)
                if address == 0:
                    return
                yield name(address)
            raise NotADll("imports without an end")

    exports = []
    if directory(EXPORTS):
        start = at(directory(EXPORTS))
        (count,) = struct.unpack_from("<I", data, start + 24)
        (names,) = struct.unpack_from("<I", data, start + 32)
        if count > MOST:
            raise NotADll(f"exports {count} names")
        exports = [name(struct.unpack_from("<I", data, at(names) + 4 * index)[0]) for index in range(count)]
    imports = [*libraries(IMPORTS, 20, 12), *libraries(DELAYED, 32, 4)]
    return Dll(sorted({library.lower() for library in imports}), sorted(exports), timestamp)


def main() -> int:
    for argument in sys.argv[1:]:
        dll = read(Path(argument).read_bytes())
        print(f"{argument}: linked at {dll.timestamp}")
        print("  imports", *dll.imports)
        print("  exports", *dll.exports)
    return 0


if __name__ == "__main__":
    sys.exit(main())
