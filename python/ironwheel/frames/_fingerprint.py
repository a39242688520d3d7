"""A hash for every row that says what the row holds and not how, and a digest of the whole table."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from ironwheel import _abi, _arrow, _owned
from ironwheel._lib import check, lib
from ironwheel._progress import Job, Progress
from ironwheel.frames import _data, _table
from ironwheel.frames._table import Table

if TYPE_CHECKING:
    import numpy

VERSION = 1
"""Version of the definition in docs/fingerprint.md; another one would give other hashes."""


class Digest:
    """What the rows of a table come to, in whatever order; made by `digest`, `Digest.of` and `Fingerprint.merge`.

    Two tables with the same rows, as often each, have equal digests, however the rows are ordered, chunked, typed and
    spread over partitions. Digests that differ prove that the rows differ. Equal ones mean equal rows, unless two rows
    happen to share a hash: one chance in 2^64 or 2^128 a row that differs.

    Attributes
    ----------
    rows : int
        Rows of the table.
    bits : int
        Size of the row hashes, 64 or 128.
    order_independent : bool
        Whether columns counted by name and not by place.
    sum : int
        What the row hashes add up to, 128 bits; see docs/fingerprint.md.
    """

    __slots__ = ("bits", "order_independent", "rows", "sum")

    rows: int
    bits: int
    order_independent: bool
    sum: int

    def __init__(self, rows: int, sum: int, bits: int, order_independent: bool) -> None:
        self.rows = rows
        self.sum = sum
        self.bits = bits
        self.order_independent = order_independent

    @property
    def digest(self) -> str:
        """The sum as 32 hexadecimal digits; compare it together with `rows`."""
        return f"{self.sum:032x}"

    @classmethod
    def of(
        cls,
        data: Any,
        columns: Optional[Sequence[str]] = None,
        *,
        bits: int = 64,
        order_independent: bool = False,
        progress: Progress = None,
    ) -> Digest:
        """The digest of a table, or of a piece of one; the same as `digest`."""
        return digest(data, columns, bits=bits, order_independent=order_independent, progress=progress)

    def merge(self, *others: Union[Digest, Fingerprint]) -> Digest:
        """The digest of all tables one after the other; their order does not matter.

        Raises
        ------
        TypeError
            One of `others` is neither `Digest` nor `Fingerprint`.
        ValueError
            One of `others` has other `bits` or another `order_independent`.
        OverflowError
            Together they have more than 2^53 rows.
        """
        states = [self]
        for other in others:
            theirs = other._digest if isinstance(other, Fingerprint) else other
            if not isinstance(theirs, Digest):
                raise TypeError(f"other must be a Digest or a Fingerprint, got {type(other).__name__}")
            for name in ("bits", "order_independent"):
                ours, own = getattr(self, name), getattr(theirs, name)
                if ours != own:
                    raise ValueError(f"other must have {name}={ours}, got {own}")
            states.append(theirs)
        merged = _abi.iw_digest()
        given = (_abi.iw_digest * len(states))(*[state._native() for state in states])
        check(lib.iw_digests_merge(given, len(states), ctypes.byref(merged)))
        return Digest._of_native(merged)

    def to_bytes(self) -> bytes:
        """The digest in 43 bytes, for `from_bytes`: versioned, portable, checksummed."""
        slot = _owned.new()
        check(lib.iw_digest_to_bytes(ctypes.byref(self._native()), ctypes.byref(slot)))
        return _owned.take_bytes(slot)

    @classmethod
    def from_bytes(cls, data: Any) -> Digest:
        """The digest that `to_bytes` wrote, on this machine or any other.

        Parameters
        ----------
        data : bytes or anything with the buffer interface
            What `to_bytes` returned.

        Raises
        ------
        ValueError
            `data` is something else, was changed or cut off, or comes from another version of the format.
        TypeError
            `data` has no buffer.
        """
        content = _table.content("data", data)
        read = _abi.iw_digest()
        check(lib.iw_digest_from_bytes(content, len(content), ctypes.byref(read)))
        return cls._of_native(read)

    def _native(self) -> _abi.iw_digest:
        if self.rows > 2**53:  # ctypes would wrap what C refuses
            raise OverflowError(f"rows must be at most 2^53, got {self.rows}")
        low, high = self.sum % 2**64, self.sum >> 64
        flags = _abi.IW_FINGERPRINT_BY_NAME if self.order_independent else 0
        return _abi.iw_digest(self.rows, low, high, self.bits, flags)

    @classmethod
    def _of_native(cls, made: _abi.iw_digest) -> Digest:
        by_name = bool(made.flags & _abi.IW_FINGERPRINT_BY_NAME)
        return cls(made.rows, made.high << 64 | made.low, made.bits, by_name)

    def to_dict(self) -> Dict[str, Any]:
        """``{"version": 1, "bits": ..., "order_independent": ..., "rows": ..., "digest": ...}``."""
        return {
            "version": VERSION,
            "bits": self.bits,
            "order_independent": self.order_independent,
            "rows": self.rows,
            "digest": self.digest,
        }

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Digest:
        """The digest that `to_dict` described.

        Raises
        ------
        ValueError
            `state` lacks an entry, has one of the wrong kind, or is of another version.
        """
        try:
            version, bits, names = state["version"], state["bits"], state["order_independent"]
            rows, text = state["rows"], state["digest"]
        except (KeyError, TypeError, IndexError) as error:
            raise ValueError(f"state must be what Digest.to_dict gives, got {state!r}") from error
        if version != VERSION:
            raise ValueError(f"state must be of version {VERSION}, got {version!r}")
        good = bits in (64, 128) and isinstance(names, bool) and isinstance(rows, int) and rows >= 0
        if not good or not isinstance(text, str) or len(text) != 32 or set(text) - set("0123456789abcdef"):
            raise ValueError(f"state must be what Digest.to_dict gives, got {state!r}")
        return cls(rows, int(text, 16), bits, names)

    def to_json(self) -> str:
        """`to_dict` as JSON."""
        import json

        return json.dumps(self.to_dict())

    def _key(self) -> Tuple[int, bool, int, int]:
        return self.bits, self.order_independent, self.rows, self.sum

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Fingerprint):
            other = other._digest
        return self._key() == other._key() if isinstance(other, Digest) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        names = ", order_independent" if self.order_independent else ""
        return f"<Digest: {self.rows:,} rows, {self.digest}, {self.bits} bits{names}>"


class Fingerprint(Table):
    """The hashes of a table's rows; made by `fingerprint`.

    Speaks Arrow: one column ``fingerprint`` in the order of the rows, uint64, or binary of 16 bytes for 128 bits
    (highest byte first, as XXH3-128 is printed). Two fingerprints are equal when their `digest`, `rows`, `bits` and
    `order_independent` are: the same rows, in whatever order.
    """

    def __init__(self, pointer: int, bits: int, order_independent: bool) -> None:
        super().__init__(pointer, lib.iw_fingerprint_free)
        self._digest = _read(self._pointer, bits, order_independent)

    @property
    def rows(self) -> int:
        """Rows of the table."""
        return self._digest.rows

    @property
    def bits(self) -> int:
        """Size of a hash, 64 or 128."""
        return self._digest.bits

    @property
    def order_independent(self) -> bool:
        """Whether columns counted by name and not by place."""
        return self._digest.order_independent

    @property
    def digest(self) -> str:
        """What the rows come to in whatever order, as 32 hexadecimal digits; compare it together with `rows`."""
        return self._digest.digest

    def merge(self, *others: Union[Digest, Fingerprint]) -> Digest:
        """The digest of all tables one after the other; see `Digest.merge`."""
        return self._digest.merge(*others)

    def to_dict(self) -> Dict[str, Any]:
        """The digest, as `Digest.to_dict` has it."""
        return self._digest.to_dict()

    def to_json(self) -> str:
        """`to_dict` as JSON."""
        return self._digest.to_json()

    def to_numpy(self) -> numpy.ndarray[Any, Any]:
        """The hashes as a read-only array, without a copy. Needs NumPy.

        Returns
        -------
        numpy.ndarray
            Shape (rows,): uint64, or ``V16`` for 128 bits, of which ``hash.tobytes().hex()`` is what XXH3-128 prints.
        """
        import numpy

        data, size = ctypes.c_void_p(), ctypes.c_size_t()
        check(lib.iw_fingerprint_hashes(self._pointer, ctypes.byref(data), ctypes.byref(size)))
        dtype = "u8" if self.bits == 64 else "V16"
        if not size.value:
            return numpy.empty(0, dtype)
        block: Any = (ctypes.c_char * size.value).from_address(data.value or 0)
        block.owner = self  # the array holds the block, and the block the hashes
        array = numpy.frombuffer(block, dtype)
        array.flags.writeable = False
        return array

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """An Arrow stream of the hashes, as often as asked for; `requested_schema` is not looked at."""
        return _arrow.export(lambda stream: lib.iw_fingerprint_stream(self._pointer, stream))

    def __len__(self) -> int:
        return self.rows

    def __eq__(self, other: object) -> bool:
        return self._digest == other

    def __hash__(self) -> int:
        return hash(self._digest)

    def __repr__(self) -> str:
        return repr(self._digest).replace("Digest", "Fingerprint", 1)


def fingerprint(
    data: Any,
    columns: Optional[Sequence[str]] = None,
    *,
    bits: int = 64,
    order_independent: bool = False,
    progress: Progress = None,
) -> Fingerprint:
    """A hash of every row, the same for the same values on every machine, in every version and from every library.

    Parameters
    ----------
    data
        Anything with ``__arrow_c_stream__`` or ``__arrow_c_array__``; see `Frame`. Read once, from start to end.
    columns
        Names of the columns to hash, in this order; None for all. A name that several columns bear takes them all.
    bits
        64, or 128 where a chance of one in 2^64 that two different rows share a hash is too much: among a billion
        different rows 64 bits share one with a probability of 3 %.
    order_independent
        False: columns count by their place, and their names do not. True: columns, and fields of structs, count by
        their name, and their place does not.
    progress
        True for a bar, or called as ``progress(values, 0)``. Ctrl-C stops the call either way.

    Returns
    -------
    Fingerprint
        One hash a row, in the order of the rows.

    Raises
    ------
    ValueError
        `columns` names a column that `data` does not have; `order_independent` and two columns have one name; `bits`
        is something else; `data` was read before, breaks Arrow's rules, or its producer failed.
    TypeError
        `data` does not speak Arrow, `columns` is no sequence of str, or a column has an unknown type.
    MemoryError
        There is no room for 8 or 16 bytes a row.

    Notes
    -----
    What counts is the value, not how it is held: integers of any width, decimals and floats of equal value are one
    number; text is text in whatever layout, coded as a dictionary or not; timestamps are the same in every unit, with a
    time zone as the instant they mean; -0.0 is 0.0, every NaN is one NaN, a null is neither NaN nor empty text. Not the
    same: text and binary, booleans and numbers, dates and timestamps, timestamps with and without a time zone.
    docs/fingerprint.md defines every hash, with test vectors, so that any other program can compute them.

    About 1 ns a number and 4 ns a short string, on several threads; XXH3 throughout. Not cryptographic: whoever
    wants to can make two rows that share a hash.

    Examples
    --------
    >>> import pyarrow as pa
    >>> small = pa.table({"n": pa.array([1, 2], pa.int8()), "word": ["a", None]})
    >>> large = pa.table({"n": pa.array([2.0, 1.0]), "word": pa.array([None, "a"]).dictionary_encode()})
    >>> fingerprint(small) == fingerprint(large)
    True
    >>> bool(fingerprint(small).to_numpy()[0] == fingerprint(large).to_numpy()[1])
    True
    """
    made = _make(data, columns, bits, order_independent, 0, progress)
    return Fingerprint(made, bits, bool(order_independent))


def digest(
    data: Any,
    columns: Optional[Sequence[str]] = None,
    *,
    bits: int = 64,
    order_independent: bool = False,
    progress: Progress = None,
) -> Digest:
    """What the rows of a table come to, in whatever order, keeping none of the hashes.

    Parameters and errors are those of `fingerprint`; memory is bounded however long `data` is.

    Examples
    --------
    >>> import pyarrow as pa
    >>> whole = digest(pa.table({"n": [1, 2, 3]}))
    >>> digest(pa.table({"n": [3]})).merge(digest(pa.table({"n": [2, 1]}))) == whole
    True
    >>> whole
    <Digest: 3 rows, 5a41a2687bac90396540f10d2e968591, 64 bits>

    Pieces of a table may be digested anywhere; what travels is 43 bytes.

    >>> pieces = [digest(pa.table({"n": [n]})).to_bytes() for n in (3, 1, 2)]
    >>> Digest.merge(*map(Digest.from_bytes, pieces)) == whole
    True
    """
    made = _make(data, columns, bits, order_independent, _abi.IW_FINGERPRINT_DIGEST_ONLY, progress)
    return Fingerprint(made, bits, bool(order_independent))._digest


def _read(pointer: Any, bits: int, order_independent: bool) -> Digest:
    rows, low, high = ctypes.c_uint64(), ctypes.c_uint64(), ctypes.c_uint64()
    check(lib.iw_fingerprint_digest(pointer, ctypes.byref(rows), ctypes.byref(low), ctypes.byref(high)))
    return Digest(rows.value, high.value << 64 | low.value, bits, order_independent)


def _make(data: Any, columns: Optional[Sequence[str]], bits: int, by_name: bool, flags: int, progress: Progress) -> int:
    if isinstance(bits, bool) or not isinstance(bits, int):
        raise TypeError(f"bits must be 64 or 128, got {bits!r}")
    if bits not in (64, 128):  # ctypes would wrap what C refuses
        raise ValueError(f"bits must be 64 or 128, got {bits}")
    names = _table.names(columns)
    capsule = _data.capsule_of("data", data, names)
    texts, sizes, count = listed(names)
    if by_name:
        flags |= _abi.IW_FINGERPRINT_BY_NAME
    job = Job(progress, "fingerprinting")
    out = ctypes.c_void_p()
    status = lib.iw_frames_fingerprint(
        _arrow.pointer(capsule), texts, sizes, count, bits, flags, job.tick, None, ctypes.byref(out)
    )
    job.check(status)
    assert out.value is not None
    return out.value


def listed(names: Optional[List[str]]) -> Tuple[Any, Any, int]:
    """A list of names as C takes it: texts, which are NULL for None, their sizes and their number."""
    encoded = [name.encode("utf-8", "surrogatepass") for name in names or ()]
    room = max(len(encoded), 1)
    texts = None if names is None else (ctypes.c_char_p * room)(*encoded)
    return texts, (ctypes.c_size_t * room)(*map(len, encoded)), len(encoded)
