"""The sieve, against sympy, the test of single numbers and published counts."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ironwheel import ints, set_threads

np = pytest.importorskip("numpy", reason="results are compared as NumPy arrays")
MOST = 2**64


@given(lo=st.integers(-10, 500), width=st.integers(-10, 500))
def test_short_ranges_near_zero(lo, width):
    found = ints.primes(lo, lo + width)
    assert found.dtype == np.uint64
    assert found.tolist() == [n for n in range(lo, lo + width) if ints.is_prime(n)]


@given(lo=st.integers(0, MOST) | st.integers(0, 60).map(lambda k: 2**k), width=st.integers(0, 3000))
def test_ranges_at_every_height(lo, width):
    hi = min(lo + width, MOST)
    numbers = np.array(range(lo, hi), np.uint64)
    np.testing.assert_array_equal(ints.primes(lo, hi), numbers[ints.is_prime(numbers)])


@pytest.mark.parametrize(
    "n, count",
    [(10**4, 1229), (10**6, 78498), (2**16, 6542), (10**7, 664_579), (10**8, 5_761_455)],
)
def test_counts_are_the_published_ones(n, count):
    assert len(ints.primes(0, n)) == count  # OEIS A006880, and A007053 for the power of two


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_wide_ranges_agree_with_sympy_whatever_the_threads(threads):
    sympy = pytest.importorskip("sympy", reason="sympy is the oracle")
    set_threads(threads)
    try:
        found = ints.primes(10**6, 4 * 10**6)
    finally:
        set_threads(None)
    assert found.tolist() == list(sympy.primerange(10**6, 4 * 10**6))


def test_wide_ranges_far_up_hold_exactly_the_primes():
    lo = 10**15 + random.Random(1).randrange(10**9)
    numbers = np.arange(lo, lo + 200_000, dtype=np.uint64)
    np.testing.assert_array_equal(ints.primes(lo, lo + 200_000), numbers[ints.is_prime(numbers)])


def test_the_ends_of_the_range_are_those_of_range():
    assert ints.primes(7, 8).tolist() == [7]
    assert ints.primes(7, 7).tolist() == [] == ints.primes(9, 2).tolist() == ints.primes(-5, 1).tolist()
    assert ints.primes(MOST - 59, MOST).tolist() == [MOST - 59]
    assert ints.primes(MOST, MOST).tolist() == []
    assert ints.primes(2, 14).tolist() == [2, 3, 5, 7, 11, 13]


def test_what_cannot_be_is_an_error():
    with pytest.raises(OverflowError, match=r"hi must be at most 2\*\*64, got 18446744073709551617"):
        ints.primes(0, MOST + 1)
    with pytest.raises(MemoryError, match="primes from 0 to 18446744073709551615 do not fit in memory"):
        ints.primes(0, MOST)
    with pytest.raises(TypeError, match="lo must be an integer"):
        ints.primes(np.arange(3), 10)


def test_the_result_is_an_ordinary_array_of_its_own():
    found = ints.primes(0, 100)
    assert found.flags.owndata and found.flags.writeable
    found += 1
    assert ints.primes(0, 100)[0] == 2


def test_progress_reaches_the_total():
    seen = []
    ints.primes(0, 3 * 10**8, progress=lambda done, total: seen.append((done, total)))
    assert seen and all(0 <= done <= total == 10**7 for done, total in seen)
