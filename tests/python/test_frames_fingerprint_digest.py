"""Digests of fingerprints: what they hold, how they merge and travel, and wrong arguments."""

from __future__ import annotations

import json
import pickle
import threading
import weakref

import pytest

np = pytest.importorskip("numpy", reason="NumPy makes the data")
pa = pytest.importorskip("pyarrow", reason="pyarrow makes the frames")
from frames_fingerprint_reference import mixed, ours  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from ironwheel import frames  # noqa: E402


@pytest.mark.parametrize("bits", [64, 128])
def test_hashes_come_out_in_every_form(bits):
    table = mixed(100)
    made = frames.fingerprint(table, bits=bits)
    array = made.to_numpy()
    assert array.shape == (100,) and array.dtype == ("u8" if bits == 64 else "V16") and len(made) == 100
    out = made.to_arrow()
    assert out.column_names == ["fingerprint"] and out.num_rows == 100
    if bits == 64:
        assert (out["fingerprint"].to_numpy() == array).all()
    else:
        assert [value.tobytes() for value in array] == out["fingerprint"].to_pylist()
    with pytest.raises(ValueError, match="read-only"):
        array[0] = array[1]
    before = array.copy()
    del made, out
    assert (array == before).all()
    empty = frames.fingerprint(table.slice(0, 0), bits=bits)
    assert empty.rows == 0 and len(empty.to_numpy()) == 0 and empty.to_arrow().num_rows == 0
    assert empty.digest == "0" * 32


def test_a_digest_travels():
    made = frames.digest(mixed(100), bits=128, order_independent=True)
    assert frames.Digest.from_dict(json.loads(made.to_json())) == made
    assert pickle.loads(pickle.dumps(made)) == made
    assert "100 rows" in repr(made) and made.digest in repr(made)
    assert frames.fingerprint(mixed(100)).to_dict() == frames.digest(mixed(100)).to_dict()
    assert made != 1 and frames.fingerprint(mixed(3)) != "x"


@pytest.mark.parametrize("bits", [64, 128])
@given(st.lists(st.none() | st.integers(), max_size=20), st.lists(st.integers(0, 20), max_size=3), st.randoms())
@settings(max_examples=25, deadline=None)
def test_pieces_come_to_the_whole_as_bytes(bits, values, cuts, random):
    def of(part):
        return pa.table(
            {"n": [None if value is None else str(value) for value in part]}, pa.schema([("n", pa.string())])
        )

    ends = sorted(min(cut, len(values)) for cut in cuts)
    parts = [of(values[start:end]) for start, end in zip([0, *ends], [*ends, len(values)])]
    random.shuffle(parts)
    sent = [frames.FrameDigest.of(part, bits=bits).to_bytes() for part in parts]
    merged = frames.FrameDigest.merge(*map(frames.FrameDigest.from_bytes, sent))
    whole = frames.fingerprint(of(values), bits=bits)
    assert merged == whole and (merged.rows, merged.bits, merged.digest) == (len(values), bits, whole.digest)
    assert merged.to_bytes() == frames.digest(of(values), bits=bits).to_bytes()
    assert whole.merge(*sent[:0]) == merged


def test_options_of_a_digest_travel_as_bytes():
    for options in ({}, {"bits": 128}, {"order_independent": True}, {"bits": 128, "order_independent": True}):
        made = frames.FrameDigest.of(mixed(10), mixed(1).column_names[:2], **options)
        again = frames.FrameDigest.from_bytes(bytearray(made.to_bytes()))
        assert again == made and again.order_independent is made.order_independent and len(made.to_bytes()) == 43
    assert frames.FrameDigest is frames.Digest


def test_hostile_bytes_are_no_digest():
    good = frames.digest(mixed(100)).to_bytes()
    for at in range(len(good)):
        for wrong in (good[:at], good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]):
            with pytest.raises(ValueError, match="^data is no digest that|^data is a digest of version"):
                frames.Digest.from_bytes(wrong)
    for wrong in (good + b"\0", bytes(43), b"IWDIGEST\1\0"):
        with pytest.raises(ValueError, match="^data is no digest that to_bytes wrote"):
            frames.Digest.from_bytes(wrong)
    with pytest.raises(TypeError, match="^data must be bytes, got str"):
        frames.Digest.from_bytes("x")
    huge = frames.Digest.from_dict({**frames.digest(mixed(3)).to_dict(), "rows": 2**53})
    with pytest.raises(OverflowError, match="more than 2\\^53"):
        huge.merge(frames.digest(mixed(3)))
    with pytest.raises(OverflowError, match="rows must be at most 2\\^53"):
        frames.Digest(2**60, 0, 64, False).to_bytes()


@pytest.mark.parametrize("change", [
    {"version": 2}, {"bits": 32}, {"rows": -1}, {"rows": "1"}, {"digest": "00"}, {"digest": "g" * 32}, {"digest": 5},
    {"order_independent": 1},
])  # fmt: skip
def test_wrong_states_are_refused(change):
    state = {**frames.digest(mixed(3)).to_dict(), **change}
    with pytest.raises(ValueError, match="^state must be"):
        frames.Digest.from_dict(state)


def test_missing_states_are_refused():
    for state in ({}, [], None, {"version": 1}):
        with pytest.raises(ValueError, match="^state must be"):
            frames.Digest.from_dict(state)


def test_digests_of_different_kinds_do_not_merge():
    with pytest.raises(ValueError, match="other must have bits=64, got 128"):
        frames.digest(mixed(3)).merge(frames.digest(mixed(3), bits=128))
    with pytest.raises(ValueError, match="other must have order_independent=False, got True"):
        frames.fingerprint(mixed(3)).merge(frames.digest(mixed(3), order_independent=True))
    with pytest.raises(TypeError, match="other must be a Digest or a Fingerprint, got str"):
        frames.digest(mixed(3)).merge("x")


def test_wrong_arguments_are_named():
    table = mixed(3)
    with pytest.raises(ValueError, match='columns: "nope" is not a column of data, which has "whole", "real"'):
        frames.fingerprint(table, ["nope"])
    with pytest.raises(TypeError, match="columns must be a sequence of str, got 'whole'"):
        frames.fingerprint(table, "whole")
    for bits in (32, 0, -64, 2**70):
        with pytest.raises(ValueError, match=f"bits must be 64 or 128, got {bits}"):
            frames.fingerprint(table, bits=bits)
    for bits in (64.0, True, None, "64"):
        with pytest.raises(TypeError, match="bits must be 64 or 128"):
            frames.fingerprint(table, bits=bits)
    with pytest.raises(TypeError, match="data must"):
        frames.fingerprint(object())
    twice = pa.table([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(ValueError, match='columns must have different names to count by name, got "a" twice'):
        frames.fingerprint(twice, order_independent=True)
    assert frames.fingerprint(twice).rows == 1
    fields = pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(ValueError, match='struct fields must have different names to count by name, got "a" twice'):
        frames.fingerprint(pa.table({"x": fields}), order_independent=True)


def test_no_columns_are_a_table_too():
    assert frames.fingerprint(mixed(3), []).rows == 3
    assert len(set(ours(mixed(3), columns=[]))) == 1
    assert frames.fingerprint(pa.table({})).rows == 0


def test_a_report_may_stop_it():
    class Stop(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise Stop

    table = mixed(1_000)
    with pytest.raises(Stop):
        frames.fingerprint(pa.concat_tables([table] * 3_000), progress=stop)


def test_a_digest_of_a_long_stream_holds_little_of_it():
    alive, most = set(), 0

    def batches():
        nonlocal most
        for number in range(120):
            values = np.arange(number * 50_000, (number + 1) * 50_000)
            alive.add(number)
            weakref.finalize(values, alive.discard, number)
            yield pa.record_batch([pa.Array.from_buffers(pa.int64(), 50_000, [None, pa.py_buffer(values)])], ["n"])
            del values
            most = max(most, len(alive))

    reader = pa.RecordBatchReader.from_batches(pa.schema([("n", pa.int64())]), batches())
    found = frames.digest(reader)
    assert found.rows == 6_000_000 and most < 60, most
    assert found == frames.digest(pa.table({"n": np.arange(6_000_000)}))


def test_threads_may_share_it():
    table = mixed(20_000)
    expected = frames.digest(table)
    found = []
    workers = [threading.Thread(target=lambda: found.append(frames.digest(table))) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == [expected] * 4


def test_a_stream_is_read_once():
    capsule = mixed(10).__arrow_c_stream__()
    assert frames.fingerprint(capsule).rows == 10
    with pytest.raises(ValueError, match="^data"):
        frames.fingerprint(capsule)
