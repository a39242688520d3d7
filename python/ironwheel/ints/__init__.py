"""Exact integers of 64 bits, and some of 128.

Every function takes Python ints (bool and NumPy scalars count as such) or integer arrays, int8 to uint64: NumPy,
array.array or memoryview. Ints give an int, arrays an array of the same kind, element by element.
"""

from ironwheel.ints._arithmetic import abs, add, floordiv, mod, mul, neg, pow, sub
from ironwheel.ints._divisors import gcd, lcm
from ironwheel.ints._factor import factor
from ironwheel.ints._primes import is_prime, next_prime, prev_prime, primes
from ironwheel.ints._roots import isqrt

__all__ = [
    "abs",
    "add",
    "factor",
    "floordiv",
    "gcd",
    "is_prime",
    "isqrt",
    "lcm",
    "mod",
    "mul",
    "neg",
    "next_prime",
    "pow",
    "prev_prime",
    "primes",
    "sub",
]
