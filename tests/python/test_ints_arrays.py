"""Integer arrays of every dtype and layout, against NumPy and Python's own arithmetic."""

import math
import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ironwheel import ints

np = pytest.importorskip("numpy", reason="NumPy is the oracle")

DTYPES = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
TWO = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "floordiv": operator.floordiv,
    "mod": operator.mod,
    "pow": operator.pow,
    "gcd": math.gcd,
    "lcm": lambda a, b: abs(a * b) // (math.gcd(a, b) or 1),
}
ONE = {"neg": operator.neg, "abs": abs}


def numbers(dtype):
    info = np.iinfo(dtype)
    ends = [int(info.min), int(info.max), 0, 1, 2, int(info.max) // 2]
    return st.integers(int(info.min), int(info.max)) | st.sampled_from(ends) | st.integers(0, 7)


def check(call, exact, dtype, modes=("raise", "wrap", "saturate")):
    """`exact` is a list of Python ints, the results before they have to fit."""
    info = np.iinfo(dtype)
    least, most, bits = int(info.min), int(info.max), info.bits
    misfits = [i for i, value in enumerate(exact) if not least <= value <= most]
    if misfits:
        with pytest.raises(OverflowError, match=f"for {dtype}, got .* at index {misfits[0]}$"):
            call(overflow="raise")
    else:
        got = call(overflow="raise")
        assert got.dtype == dtype and got.tolist() == exact
    if "wrap" in modes:
        wrapped = [value % 2**bits - (2**bits if least < 0 and value % 2**bits > most else 0) for value in exact]
        assert call(overflow="wrap").tolist() == wrapped
        assert call(overflow="saturate").tolist() == [min(max(value, least), most) for value in exact]


@pytest.mark.parametrize("name", TWO)
@given(data=st.data())
def test_two_arrays_of_every_dtype(name, data):
    dtype = data.draw(st.sampled_from(DTYPES))
    least = 1 if name in ("floordiv", "mod") else 0
    second = numbers(dtype) if name != "pow" else st.integers(0, 127)
    pairs = data.draw(st.lists(st.tuples(numbers(dtype), second), min_size=1, max_size=30))
    a, b = [p[0] for p in pairs], [p[1] or least for p in pairs]
    exact = [TWO[name](x, y) for x, y in zip(a, b)]
    left, right = np.array(a, dtype), np.array(b, dtype)
    if name == "gcd":
        check(lambda overflow: ints.gcd(left, right), exact, dtype, modes=())
    else:
        check(lambda overflow: getattr(ints, name)(left, right, overflow=overflow), exact, dtype)


@pytest.mark.parametrize("name", ONE)
@given(data=st.data())
def test_one_array_of_every_dtype(name, data):
    dtype = data.draw(st.sampled_from(DTYPES))
    values = data.draw(st.lists(numbers(dtype), min_size=1, max_size=30))
    array = np.array(values, dtype)
    check(lambda overflow: getattr(ints, name)(array, overflow=overflow), [ONE[name](v) for v in values], dtype)


@given(data=st.data())
def test_isqrt_and_is_prime_of_every_dtype(data):
    dtype = data.draw(st.sampled_from(DTYPES))
    values = [abs(v) if v != np.iinfo(dtype).min else 0 for v in data.draw(st.lists(numbers(dtype), max_size=50))]
    array = np.array(values, dtype)
    roots, flags = ints.isqrt(array), ints.is_prime(array)
    assert roots.dtype == dtype and roots.tolist() == [math.isqrt(v) for v in values]
    assert flags.dtype == bool and flags.tolist() == [ints.is_prime(v) for v in values]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [0, 1, 1023, 1025, 250_000], ids=lambda n: f"{n} elements")
def test_long_arrays_agree_with_numpy(dtype, size):
    random = np.random.default_rng(size)
    info = np.iinfo(dtype)
    a = random.integers(info.min, info.max, size, dtype, endpoint=True)
    b = random.integers(1, min(info.max, 1000), size, dtype, endpoint=True)
    np.testing.assert_array_equal(ints.add(a, b, overflow="wrap"), a + b)
    np.testing.assert_array_equal(ints.sub(a, b, overflow="wrap"), a - b)
    np.testing.assert_array_equal(ints.mul(a, b, overflow="wrap"), a * b)
    np.testing.assert_array_equal(ints.floordiv(a, b), a // b)
    np.testing.assert_array_equal(ints.mod(a, -b if info.min else b), a % (-b if info.min else b))
    np.testing.assert_array_equal(ints.gcd(a // 2, b), np.gcd(a // 2, b))
    np.testing.assert_array_equal(ints.neg(a, overflow="wrap"), -a)
    roots = ints.isqrt(a // 2 - info.min // 2).astype(object)
    assert all(roots**2 <= a // 2 - info.min // 2)


BASE = np.arange(1, 25, dtype=np.int32)
LAYOUTS = {
    "strided": np.repeat(BASE, 2)[::2],
    "reversed": BASE[::-1].copy()[::-1],
    "big-endian": BASE.astype(">i4"),
    "unaligned": np.frombuffer(b"\0" + BASE.tobytes(), np.uint8)[1:].view(np.int32),
    "read-only": np.frombuffer(BASE.tobytes(), np.int32),
    "fortran": np.asfortranarray(BASE.reshape(4, 6)),
    "transposed": BASE.reshape(4, 6).T.copy().T,
    "3-d": BASE.reshape(2, 3, 4),
    "sliced 3-d": np.repeat(BASE, 3).reshape(2, 3, 4, 3)[..., 1],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layout_never_changes_the_result(layout):
    values = LAYOUTS[layout]
    before = values.copy()
    plain = np.ascontiguousarray(values, np.int32)
    np.testing.assert_array_equal(ints.mul(values, values), plain * plain)
    np.testing.assert_array_equal(ints.sub(100, values), 100 - plain)
    np.testing.assert_array_equal(ints.gcd(values, 12), np.gcd(plain, 12))
    flags = ints.is_prime(values)
    assert flags.shape == values.shape and flags.sum() == 9
    assert ints.add(values, 1).flags.c_contiguous and ints.add(values, 1).dtype == np.int32
    np.testing.assert_array_equal(values, before)


def test_shapes_broadcast_as_in_numpy():
    column, row = np.arange(4)[:, None], np.arange(3)
    np.testing.assert_array_equal(ints.add(column, row), column + row)
    np.testing.assert_array_equal(ints.mul(np.ones((2, 1, 3), int), column), np.ones((2, 1, 3), int) * column)
    assert ints.add(np.zeros((0, 3), int), row).shape == (0, 3)
    assert ints.add(np.int64(3), np.int8(4)) == 7  # NumPy's scalars are ints
    zero_d = ints.add(np.array(3), 4)
    assert zero_d.shape == () and zero_d == 7
    with pytest.raises(ValueError, match=r"a and b must have shapes that broadcast, got \(3,\) and \(4,\)"):
        ints.add(np.arange(3), np.arange(4))


@pytest.mark.parametrize("a", DTYPES)
@pytest.mark.parametrize("b", DTYPES)
def test_dtypes_promote_as_in_numpy(a, b):
    left, right = np.array([3], a), np.array([2], b)
    wanted = np.result_type(a, b)
    if wanted.kind == "f":
        with pytest.raises(TypeError, match=f"a and b must have a common integer dtype, got {a} and {b}"):
            ints.add(left, right)
    else:
        total = ints.add(left, right)
        assert total.dtype == wanted and total.tolist() == [5]


@pytest.mark.parametrize("dtype", ["bool", "float16", "float64", "complex128", "U3", "object", "M8[s]", "m8[s]"])
def test_other_dtypes_are_refused(dtype):
    values = np.zeros(3, dtype)
    for call in (lambda: ints.add(values, 1), lambda: ints.add(np.arange(3), values), lambda: ints.is_prime(values)):
        with pytest.raises(TypeError, match="must hold .*(got dtype|got) "):
            call()


def test_an_int_beside_an_array_must_fit_its_dtype():
    with pytest.raises(OverflowError, match=r"b must be in -128\.\.127 for int8, got 128"):
        ints.add(np.zeros(2, np.int8), 128, overflow="wrap")
    with pytest.raises(OverflowError, match=r"a must be in 0\.\.255 for uint8, got -1"):
        ints.sub(-1, np.zeros(2, np.uint8))
    with pytest.raises(TypeError, match="b must be an integer or an integer array, got float"):
        ints.add(np.zeros(2, np.uint8), 1.0)


def test_the_first_index_is_named_whatever_the_thread():
    values = np.ones((700, 500), np.int16)
    values[[411, 600], [17, 0]] = 32767
    for _ in range(5):
        with pytest.raises(OverflowError, match=r"got 32767 \+ 1 at index \(411, 17\)$"):
            ints.add(values, 1)
    divisors = np.ones(300_000, np.uint32)
    divisors[[123_456, 200_000]] = 0
    with pytest.raises(ZeroDivisionError, match="b must not be 0, got 7 // 0 at index 123456"):
        ints.floordiv(7, divisors, overflow="wrap")
    with pytest.raises(ZeroDivisionError, match="at index 123456"):
        ints.mod(divisors, divisors)
    with pytest.raises(ValueError, match=r"b must not be negative, got 2 \*\* -1 at index 1"):
        ints.pow(2, np.array([3, -1, -2]), overflow="saturate")
    with pytest.raises(ValueError, match="n must not be negative, got -9 at index 2"):
        ints.isqrt(np.array([9, 0, -9, -1]))


def test_progress_counts_elements_and_its_exception_is_raised():
    values = np.full(200_000, 2**64 - 59, np.uint64)
    seen = []
    ints.is_prime(values, progress=lambda done, total: seen.append((done, total)))
    assert seen and all(0 <= done <= total == values.size for done, total in seen)

    def stop(done, total):
        raise KeyError(total)

    with pytest.raises(KeyError, match="200000"):
        ints.is_prime(values, progress=stop)
    with pytest.raises(TypeError, match="progress must be a bool or callable, got int"):
        ints.add(values, 1, progress=3)


@given(data=st.data())
def test_calls_one_after_the_other_do_not_see_each_other(data):
    """Descriptions of plain arrays are used again: by another size, dtype, shape, operand and after an error."""
    for _ in range(6):
        dtype = data.draw(st.sampled_from(["int8", "uint8", "int64"]))
        shape = data.draw(st.sampled_from([(5,), (300,), (2, 3), (), (0,), (1, 1, 4)]))
        a = (np.arange(math.prod(shape)) % 128).astype(dtype).reshape(shape)
        second = data.draw(
            st.sampled_from(["like", "int", "list of one", "transposed", "read-only", "swapped", "wide"])
        )
        b = {
            "like": a // 2,
            "int": 1,
            "list of one": np.ones(1, dtype),
            "transposed": np.array((a // 2).T, order="C").T,
            "read-only": a // 2,
            "swapped": (a // 2).astype(np.dtype(dtype).newbyteorder()),
            "wide": a.astype("int64") // 2,
        }[second]
        if second == "read-only" and shape:
            b.flags.writeable = False
        wanted = np.add(a, np.asarray(b).astype(np.result_type(a, b) if second == "wide" else dtype), dtype="int64")
        fits = wanted.size == 0 or wanted.max() <= np.iinfo(ints.add(a, b, overflow="wrap").dtype).max
        if fits:
            got = ints.add(a, b)
            assert got.shape == wanted.shape and got.tolist() == wanted.tolist() and got.flags.c_contiguous
        else:
            with pytest.raises(OverflowError):
                ints.add(a, b)
        assert ints.abs(a).tolist() == abs(a).tolist()


def test_an_error_in_a_plain_array_names_the_index_by_its_axes():
    a = np.zeros((3, 4), "int8")
    a[2, 1] = 127
    with pytest.raises(OverflowError, match=r"got 127 \+ 1 at index \(2, 1\)$"):
        ints.add(a, 1)
    with pytest.raises(ZeroDivisionError, match=r"b must not be 0, got 0 // 0 at index \(0, 0\)$"):
        ints.floordiv(a, a)
    assert ints.add(a, -1).tolist() == (a - 1).tolist()


def test_threads_calling_at_once_each_get_their_own_result():
    from concurrent.futures import ThreadPoolExecutor

    def work(k):
        a = np.full(50_000, k, "int64")
        return all((ints.mul(ints.add(a, a), k) == 2 * k * k).all() for _ in range(20))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(1, 9)))


def test_a_result_is_never_written_over_by_a_later_call():
    a = np.arange(100)
    first = ints.add(a, a)
    second = ints.add(a, 1)
    assert first.tolist() == (2 * a).tolist() and second.tolist() == (a + 1).tolist()
    assert not np.shares_memory(first, second)


def test_an_array_whose_class_says_wrong_of_it_is_read_as_what_it_is():
    class Liar(np.ndarray):
        shape = property(lambda self: (10**9,))
        strides = property(lambda self: (8,))
        ndim = property(lambda self: 1)

    assert ints.is_prime(np.arange(8).view(Liar)).tolist() == [False, False, True, True, False, True, False, True]
    assert ints.add(np.arange(4).view(Liar), 1).tolist() == [1, 2, 3, 4]
