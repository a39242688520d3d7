"""Integers through the built library, against Python's own, math, NumPy, gmpy2 and sympy."""

import array
import math
import operator
import os
import signal
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ironwheel import ints

LEAST, MOST = -(2**63), 2**64 - 1
ENDS = [LEAST, LEAST + 1, -3, -2, -1, 0, 1, 2, 3, 7, 2**32, 2**63 - 1, 2**63, MOST - 1, MOST]
NUMBERS = st.integers(LEAST, MOST) | st.sampled_from(ENDS) | st.integers(-100, 100)
EXACT = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "floordiv": operator.floordiv,
    "mod": operator.mod,
    "lcm": lambda a, b: abs(a * b) // (math.gcd(a, b) or 1),
}


def expected(exact, operands, overflow):
    """What the docstring promises, in Python's own arithmetic."""
    if LEAST <= exact <= MOST:
        return exact
    if overflow == "saturate":
        return LEAST if exact < 0 else MOST
    low = exact % 2**64
    return low - 2**64 if min(operands) < 0 and low >= 2**63 else low


@pytest.mark.parametrize("name", EXACT)
@given(a=NUMBERS, b=NUMBERS)
def test_scalars_are_exact_or_an_error(name, a, b):
    call = getattr(ints, name)
    try:
        exact = EXACT[name](a, b)
    except ZeroDivisionError:
        for overflow in ("raise", "wrap", "saturate"):
            with pytest.raises(ZeroDivisionError, match=f"b must not be 0, got {a} "):
                call(a, b, overflow=overflow)
        return
    if LEAST <= exact <= MOST:
        assert call(a, b) == exact
    else:
        with pytest.raises(OverflowError, match=r"must be in -2\*\*63\.\.2\*\*64-1, got .*" + str(a)):
            call(a, b)
    for overflow in ("wrap", "saturate"):
        assert call(a, b, overflow=overflow) == expected(exact, (a, b), overflow)


@given(a=NUMBERS | st.integers(-5, 5), b=st.integers(0, 130) | st.integers(0, MOST))
def test_powers(a, b):
    low = pow(a, b, 2**64)
    fits = a in (-1, 0, 1) or (b <= 64 and LEAST <= a**b <= MOST)
    wrapped = low - 2**64 if a < 0 and low >= 2**63 else low
    if fits:
        assert ints.pow(a, b) == a ** (b if abs(a) > 1 else b % 2 + 2 * (b > 0))
        return
    with pytest.raises(OverflowError, match=r"a \*\* b must be in"):
        ints.pow(a, b)
    assert ints.pow(a, b, overflow="wrap") == wrapped
    assert ints.pow(a, b, overflow="saturate") == (LEAST if a < 0 and b % 2 else MOST)


@given(a=NUMBERS)
def test_signs(a):
    assert ints.abs(a) == abs(a)
    if -a >= LEAST:
        assert ints.neg(a) == -a
    else:
        with pytest.raises(OverflowError, match=str(a)):
            ints.neg(a)
        assert ints.neg(a, overflow="saturate") == LEAST
        assert ints.neg(a, overflow="wrap") == -a % 2**64


@given(a=st.integers(-(2**128) + 1, 2**128 - 1) | NUMBERS, b=NUMBERS | st.integers(-(2**128) + 1, 2**128 - 1))
def test_gcd_of_up_to_128_bits(a, b):
    assert ints.gcd(a, b) == math.gcd(a, b)


@given(
    n=st.integers(0, MOST)
    | st.integers(0, 2**32 - 1).map(lambda r: r * r)
    | st.integers(1, 2**32 - 1).map(lambda r: r * r - 1)
)
def test_isqrt(n):
    assert ints.isqrt(n) == math.isqrt(n)


@given(n=st.integers(-5, MOST) | st.integers(0, 10**5) | st.integers(0, 2**128 - 1))
def test_is_prime_agrees_with_gmpy2(n):
    gmpy2 = pytest.importorskip("gmpy2", reason="gmpy2 is the oracle")
    assert ints.is_prime(n) is (n > 1 and gmpy2.is_prime(n, 40))


def test_every_number_below_a_million_is_told():
    sympy = pytest.importorskip("sympy", reason="sympy is the oracle")
    assert [n for n in range(10**6) if ints.is_prime(n)] == list(sympy.primerange(10**6))


@given(n=st.integers(0, 2**64 - 60) | st.integers(0, 1000))
def test_neighbouring_primes(n):
    sympy = pytest.importorskip("sympy", reason="sympy is the oracle")
    assert ints.next_prime(n) == sympy.nextprime(n)
    if n > 2:
        assert ints.prev_prime(n) == sympy.prevprime(n)


def test_neighbouring_primes_at_the_ends():
    assert ints.next_prime(-(10**30)) == 2
    with pytest.raises(OverflowError, match="18446744073709551557"):
        ints.next_prime(MOST - 58)
    with pytest.raises(ValueError, match="n must be above 2, got 2"):
        ints.prev_prime(2)
    with pytest.raises(ValueError, match="n must not be negative, got -1"):
        ints.prev_prime(-1)


@given(
    n=st.integers(1, MOST)
    | st.integers(1, 10**6)
    | st.builds(operator.mul, st.integers(1, 2**32), st.integers(1, 2**32))
)
def test_factors_multiply_back_and_are_prime(n):
    factors = ints.factor(n)
    assert math.prod(p**e for p, e in factors) == n
    assert all(ints.is_prime(p) and e > 0 for p, e in factors)
    assert factors == sorted(factors) and len({p for p, _ in factors}) == len(factors)


def test_factors_of_wide_numbers():
    assert ints.factor(1) == []
    assert ints.factor(2**128 - 1)[-1] == (67280421310721, 1)
    assert ints.factor((10**15 + 37) * (10**15 + 91)) == [(10**15 + 37, 1), (10**15 + 91, 1)]
    assert ints.factor(2**127 - 1) == [(2**127 - 1, 1)]
    with pytest.raises(ValueError, match="n must be positive, got 0"):
        ints.factor(0)
    with pytest.raises(ValueError, match="got -6"):
        ints.factor(-6)
    with pytest.raises(OverflowError, match=r"n must be below 2\*\*128"):
        ints.factor(2**128)


def test_bool_is_an_int_and_index_counts():
    assert ints.add(True, True) == 2
    assert ints.gcd(True, 0) == 1 and ints.isqrt(True) == 1 and ints.is_prime(True) is False

    class Seven:
        def __index__(self):
            return 7

    assert ints.mul(Seven(), Seven()) == 49
    assert ints.is_prime(Seven()) is True and ints.gcd(Seven(), 21) == 7
    assert [int(p) for p in ints.primes(Seven(), 12)] == [7, 11]


TWO = [ints.add, ints.sub, ints.mul, ints.floordiv, ints.mod, ints.pow, ints.lcm, ints.gcd]
ONE = [ints.neg, ints.abs, ints.isqrt, ints.is_prime]


@pytest.mark.parametrize("wrong", [1.0, "1", None, [1], (1,), b"1", 1j, float("nan")], ids=repr)
def test_what_is_not_an_integer_is_refused(wrong):
    for call in TWO:
        with pytest.raises(TypeError, match=f"a must be an integer or an integer array, got {type(wrong).__name__}"):
            call(wrong, 1)
        with pytest.raises(TypeError, match=f"b must be an integer or an integer array, got {type(wrong).__name__}"):
            call(1, wrong)
    for call in (*ONE, ints.next_prime, ints.prev_prime, ints.factor):
        with pytest.raises(TypeError, match=f"must be an integer or an integer array, got {type(wrong).__name__}"):
            call(wrong)
    with pytest.raises(TypeError, match="lo must be"):
        ints.primes(wrong, 10)
    with pytest.raises(TypeError, match="hi must be"):
        ints.primes(0, wrong)


@pytest.mark.parametrize(
    "huge", [2**64, -(2**63) - 1, 2**127, 2**128, 2**200, -(2**200), 10**5000], ids=lambda n: f"{n.bit_length()} bits"
)
def test_ints_out_of_range_never_wrap(huge):
    for call in TWO[:-1]:
        with pytest.raises(
            OverflowError, match=r"a must be in -2\*\*63\.\.2\*\*64-1, got (-?\d{18,}|an integer of \d+ bits)"
        ):
            call(huge, 1, overflow="wrap")
        with pytest.raises(OverflowError, match="b must be in"):
            call(1, huge, overflow="wrap")
    if abs(huge) >= 2**128:
        for call, message in ((ints.is_prime, "n must be below"), (lambda n: ints.gcd(1, n), "b must be of at most")):
            if huge > 0 or call is not ints.is_prime:
                with pytest.raises(OverflowError, match=message):
                    call(huge)
    if huge > 0:
        for call in (ints.isqrt, ints.next_prime, ints.prev_prime):
            with pytest.raises(OverflowError, match=r"n must be below 2\*\*64"):
                call(huge)
    else:
        with pytest.raises(ValueError, match="n must not be negative"):
            ints.isqrt(huge)


@pytest.mark.parametrize(
    "overflow, error", [("Raise", ValueError), ("", ValueError), (None, TypeError), (0, TypeError), ([], TypeError)]
)
def test_overflow_must_be_one_of_three(overflow, error):
    for values in ((1, 2), (array.array("i", [1]), 2)):
        with pytest.raises(error, match="overflow must be"):
            ints.add(*values, overflow=overflow)


def test_negative_exponents_are_refused():
    with pytest.raises(ValueError, match=r"b must not be negative, got 2 \*\* -1"):
        ints.pow(2, -1, overflow="wrap")


def test_isqrt_of_a_negative_number():
    with pytest.raises(ValueError, match="n must not be negative, got -1"):
        ints.isqrt(-1)


def test_threads_keep_their_own_error():
    def work(n):
        for _ in range(300):
            with pytest.raises(OverflowError, match=f"got {MOST} \\+ {n}$"):
                ints.add(MOST, n)
        seen.append(n)

    seen = []
    threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(1, 7))


def test_array_array_and_memoryview_answer_in_kind():
    values = array.array("h", [3, -4, 5])
    total = ints.add(values, 10)
    assert total == array.array("h", [13, 6, 15]) and total.typecode == "h"
    assert ints.is_prime(array.array("Q", [2, 4, 2**61 - 1])) == array.array("B", [1, 0, 1])
    assert ints.mul(values, array.array("i", [2, 2, 2])) == array.array("i", [6, -8, 10])
    assert ints.add(array.array("l", [1]), 1).typecode == "l"
    view = memoryview(values)[::2]
    doubled = ints.add(view, view)
    assert isinstance(doubled, memoryview) and doubled.format == "h" and doubled.tolist() == [6, 10]
    table = memoryview(bytes(range(6))).cast("B", (2, 3))
    assert ints.sub(table, 0).tolist() == [[0, 1, 2], [3, 4, 5]]
    flags = ints.is_prime(table)
    assert flags.format == "?" and flags.tolist() == [[False, False, True], [True, False, True]]
    assert ints.isqrt(memoryview(b"")).tolist() == [] and len(ints.neg(array.array("i"))) == 0
    with pytest.raises(OverflowError, match=r"a \+ b must be in -32768\.\.=32767 for int16, got 32767 \+ 1 at index 2"):
        ints.add(array.array("h", [1, 2, 32767]), 1)
    with pytest.raises(TypeError, match="a must hold integers, int8 to uint64, got format 'd'"):
        ints.add(array.array("d", [1.0]), 1)
    with pytest.raises(ValueError, match="a and b must have shapes that broadcast"):
        ints.add(values, array.array("h", [1, 2]))


def test_works_and_imports_without_numpy():
    code = (
        "import sys; sys.modules['numpy'] = None\n"
        "from ironwheel import ints; import array\n"
        "found = ints.primes(0, 30)\n"
        "assert found == array.array('Q', [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]), found\n"
        "assert ints.gcd(found, 2)[0] == 2 and ints.add(array.array('b', [1]), 1)[0] == 2\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_loads_no_numpy():
    code = "import sys, ironwheel.ints; assert 'numpy' not in sys.modules and 'array' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "call",
    [
        lambda: ints.primes(0, 2**35),
        lambda: ints.factor(18446744073709551557 * 18446744073709551533),
        lambda: ints.is_prime(memoryview(array.array("Q", [MOST - 58]) * 3_000_000)),
    ],
    ids=["primes", "factor", "is_prime"],
)
def test_ctrl_c_stops_the_call(call):
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.15, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            for _ in range(10_000):
                call()
    finally:
        timer.cancel()
        signal.signal(signal.SIGINT, previous)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_can_call_after_the_parent_used_threads():
    before = len(ints.primes(0, 10**7))
    child = os.fork()
    if child == 0:
        os._exit(0 if len(ints.primes(0, 10**7)) == before == 664_579 else 1)
    assert os.waitpid(child, 0)[1] == 0
