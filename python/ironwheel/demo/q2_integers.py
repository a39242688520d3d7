"""Question 2, passing integers."""

from __future__ import annotations

import array

from ironwheel import ints
from ironwheel.demo import plain
from ironwheel.demo.answer import Answer
from ironwheel.demo.work import Work, listed

QUESTION = "Can it pass integers, and never a wrong one?"


def ask(answer: Answer, work: Work) -> None:
    """Sieves primes, tests large numbers for primality, and overflows on purpose."""
    ints.primes(0, 2)  # the first call that gives an array imports NumPy, which is not what is timed here
    limit = 1_000_000 if work.quick else 10_000_000
    work.primes = answer.compare(
        lambda found: f"the {len(found):,} primes below {limit:,}",
        lambda: ints.primes(0, limit),
        lambda: plain.primes_below(limit),
        by="a sieve in a bytearray",
        same=lambda ours, theirs: listed(ours) == theirs,
    )
    count = 2_000 if work.quick else 20_000
    large = array.array("Q", range(2**64 - count, 2**64))
    answer.compare(
        f"which of the last {count:,} numbers below 2**64 are prime",
        lambda: ints.is_prime(large),
        lambda: [plain.is_prime(n) for n in large],
        by="Miller and Rabin's test, with pow",
        same=lambda ours, theirs: [bool(prime) for prime in listed(ours)] == theirs,
    )
    try:
        ints.mul(2**40, 2**40)
        refused = ""
    except OverflowError as error:
        refused = str(error)
    answer.check(f"2**40 times 2**40 is an OverflowError, never a wrong number: {refused}.", bool(refused))
