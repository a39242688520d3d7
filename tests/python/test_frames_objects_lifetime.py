"""Objects that are let go, changed or refused while the library holds them: threads, forks, the end of the interpreter."""

from __future__ import annotations

import ctypes
import gc
import json
import subprocess
import sys
import textwrap
import threading
import weakref

import pytest
from ironwheel import frames
from ironwheel.frames import _columns, _data, _objects, _python

np = pytest.importorskip("numpy", reason="NumPy holds the objects")
pa = pytest.importorskip("pyarrow", reason="pyarrow reads the columns back")
from frames_objects_tables import column, objects, table  # noqa: E402


def test_what_ends_the_program_is_not_swallowed():
    class Stops:
        def __init__(self, what):
            self.what = what

        def __str__(self):
            raise self.what

    for what in (KeyboardInterrupt, SystemExit):
        with pytest.raises(what):
            frames.profile({"x": ["a", Stops(what)]})


def test_code_that_changes_what_is_read_meanwhile_does_no_harm():
    class Greedy:
        def __init__(self, values):
            self.values = values

        def __str__(self):
            self.values[:] = [None] * len(self.values)
            return "gone"

    values = ["first"]
    values += [Greedy(values) for _ in range(1000)] + [object() for _ in range(1000)]
    kind, back, _ = column(values)
    assert (kind, len(back), back[1]) == ("string", 2001, "gone")
    made = objects([0] * 2000)
    made[:1000] = [Greedy(made) for _ in range(1000)]
    assert len(column(made)[1]) == 2000


class Arrays:
    """Counts its arrays: one whose memory is freed early is found out by what it held."""

    def __init__(self):
        self.alive = 0

    def __call__(self, values):
        class Noted(np.ndarray):
            pass

        values = np.asarray(values)
        made = Noted(values.shape, values.dtype)
        made[:] = values
        self.alive += 1
        weakref.finalize(made, self.gone)
        return made

    def gone(self):
        self.alive -= 1


def settle(arrays, expected=0):
    gc.collect()
    _python.python().release()
    gc.collect()
    assert arrays.alive == expected


def test_frames_keep_their_arrays_alive_and_let_them_go():
    arrays = Arrays()
    frame = frames.Frame({"x": arrays(np.arange(100_000))})
    gc.collect()
    taken = pa.table(frame)
    del frame
    settle(arrays, 1)
    assert taken["x"].to_pylist() == list(range(100_000))
    del taken
    settle(arrays)
    for _ in range(10):
        frames.profile({"x": arrays([1.5, 2]), "y": arrays([1, 2])})
        with pytest.raises(ValueError, match="none"):
            frames.profile({"x": arrays([1.5, 2])}, columns=["none"])
        _data.capsule_of("data", {"x": arrays([1])})
    settle(arrays)


@pytest.mark.skipif(sys.version_info < (3, 9), reason="before Python 3.9 it waits for the next call")
def test_arrays_are_let_go_without_being_asked_again():
    arrays = Arrays()
    frames.profile({"x": arrays([1.5, 2])})
    for _ in range(1000):  # the interpreter comes by between two of these
        pass
    gc.collect()
    assert arrays.alive == 0


def test_the_last_reference_may_go_on_any_thread():
    arrays = Arrays()
    failed = []

    def work(seed):
        try:
            for turn in range(30):
                values = np.arange(seed, seed + 1000 + turn)
                frame = frames.Frame({"x": arrays(values), "s": [f"{seed} {turn}"] * len(values)})
                assert frame.profile()["x"].max == values[-1]
                assert pa.table(frame)["s"][0].as_py() == f"{seed} {turn}"
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not failed
    settle(arrays)


@pytest.mark.parametrize("holder", ["module", "cycle", "thread"])
def test_the_interpreter_ends_with_arrays_in_use(holder):
    code = f"""
        import sys, threading, time
        import numpy
        from ironwheel import frames
        from ironwheel.frames import _data
        data = {{"x": numpy.arange(1000.0), "s": ["a"] * 1000}}
        frame = frames.Frame(data)
        if "{holder}" == "module":
            sys.modules["keep"] = frame
            keep = [_data.capsule_of("data", data) for _ in range(10)]
        elif "{holder}" == "cycle":
            loop = [frame, _data.capsule_of("data", data)]
            loop.append(loop)
        else:
            def work():
                while True:
                    time.sleep(0.001)
                    frames.Frame(data)
            threading.Thread(target=work, daemon=True).start()
            time.sleep(0.05)
        print("done")
    """
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "done\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_forked_child_reads_objects_too():
    import os

    data = {"x": np.arange(1000.0), "s": ["a", "b"] * 500}
    expected = frames.profile(data).to_json()
    child = os.fork()
    if child == 0:
        os._exit(0 if frames.profile(data).to_json() == expected else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_notes_reach_whoever_reads_the_frame():
    found = table({"x": [1, "a"], "y": [1, 2]})
    assert found.schema.field(0).metadata == {b"ironwheel:note": b"values of several types (int, str), read as text"}
    assert found.schema.field(1).metadata is None
    assert pa.table(frames.Frame({"x": [1, "a"]})).schema.field(0).metadata == found.schema.field(0).metadata


def test_it_needs_no_numpy():
    code = """
        import sys
        sys.modules["numpy"] = sys.modules["pandas"] = None
        import array, datetime, uuid
        from ironwheel import frames
        found = frames.profile({"a": [1, None, 3], "b": array.array("d", [1, 2, 3]), "c": ["x", "y", None],
                                "d": [uuid.UUID(int=1), 2, "x"], "e": [datetime.date(2020, 1, 1)] * 3})
        print([(column.type, column.nulls) for column in found])
    """
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == str([("int64", 1), ("float64", 0), ("string", 1), ("string", 0), ("date32", 0)])


def test_wrong_calls_of_the_library_are_errors_not_crashes():
    from ironwheel import _abi
    from ironwheel._lib import check, lib

    python = _python.python()
    out = ctypes.c_void_p()
    with pytest.raises(ValueError, match=r"mode must be in 0\.\.=3, got 9"):
        check(lib.iw_objects_new(9, 0, None, 0, ctypes.byref(out)))
    values = np.arange(4)
    with pytest.raises(TypeError, match="missing has rule 1, which dtype tag 5 cannot keep"):
        _columns.lend_numpy(values, _abi.IW_I64, missing=_abi.IW_MISSING_NAN)
    with pytest.raises(TypeError, match="format 'l' is not one of dates and times|format \"l\""):
        _columns.lend_numpy(values, _abi.IW_I64, format="l")
    with pytest.raises(TypeError, match="dtype tag 99"):
        _columns.lend_numpy(values, 99)
    with pytest.raises(ValueError, match="larger than the address space"):
        _columns.lend(values, 8, 2**62, 8, _abi.IW_I64)
    with pytest.raises(ValueError, match="NULL"):
        check(python.lend(None, b"", 0, ctypes.byref(out)))
    column = _columns.lend_numpy(values, _abi.IW_I64)
    with pytest.raises(ValueError, match='column "x" has 4 rows, not 5'):
        _columns.stream([_columns.Named("x", column, [])], 5)
    past = _columns.dictionary(column, _columns.of_objects(["a", "b"])[0].column, False)
    with pytest.raises(ValueError, match="codes"):
        frames.profile(_columns.stream([_columns.Named("x", past, [])], 4))
    with pytest.raises(TypeError, match="codes must be signed integers"):
        _columns.dictionary(_columns.of_objects(["a"])[0].column, column, False)
    growing = _objects._Growing(0, False)
    with pytest.raises(ValueError, match="items has no item 2"):
        check(python.add_items(growing._pointer, id([1, 2]), 0, 0, 3, ctypes.byref(growing.taken)))
    assert json.loads("[]") == []
