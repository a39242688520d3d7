/* Compiled against include/ironwheel.h with -Werror and run with AddressSanitizer. */
#include "ironwheel.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(ok) \
    do { if (!(ok)) { fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #ok); exit(1); } } while (0)

/* An allocation that is too large is an error to be returned here, not a mistake to stop at. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "allocator_may_return_null=1"; }

static iw_array line(void *data, uint32_t dtype, size_t n, ptrdiff_t stride) {
    iw_array array;
    memset(&array, 0, sizeof array);
    array.data = data;
    array.dtype = dtype;
    array.ndim = 1;
    array.shape[0] = n;
    array.strides[0] = stride;
    return array;
}

static int last_error_is(const char *expected) {
    char text[256];
    size_t n = iw_last_error((uint8_t *)text, sizeof text);
    return n == strlen(expected) && memcmp(text, expected, n) == 0;
}

static void stop_at_once(void *context, uint64_t done, uint64_t total, int32_t *go_on) {
    (void)done, (void)go_on;
    *(uint64_t *)context = total;
}

static void scalars(void) {
    iw_int128 out = {0, 0};
    CHECK(iw_ints_gcd_u64(1ull << 40, 6ull << 38) == 1ull << 39);
    CHECK(iw_ints_isqrt_u64(UINT64_MAX) == 4294967295u);
    CHECK(iw_ints_is_prime_u64(18446744073709551557u) && !iw_ints_is_prime_u64(UINT64_MAX));
    CHECK(iw_ints_is_prime_u128(UINT64_MAX, INT64_MAX)); /* 2^127 - 1 */
    CHECK(!iw_ints_is_prime_u128(UINT64_MAX, UINT64_MAX));

    CHECK(iw_ints_add(INT64_MAX, 0, 1, 0, IW_RAISE, &out) == IW_OK);
    CHECK(out.low == 1ull << 63 && out.high == 0);
    CHECK(iw_ints_add(UINT64_MAX, 0, 1, 0, IW_RAISE, &out) == IW_OVERFLOW);
    CHECK(last_error_is("a + b must be in -2**63..2**64-1, got 18446744073709551615 + 1"));
    CHECK(iw_ints_add(UINT64_MAX, 0, 1, 0, IW_WRAP, &out) == IW_OK && out.low == 0);
    CHECK(iw_ints_floordiv((uint64_t)-7, -1, 2, 0, IW_RAISE, &out) == IW_OK);
    CHECK(out.low == (uint64_t)-4 && out.high == -1);
    CHECK(iw_ints_mod((uint64_t)-7, -1, 2, 0, IW_RAISE, &out) == IW_OK && out.low == 1 && out.high == 0);
    CHECK(iw_ints_mod(7, 0, 0, 0, IW_RAISE, &out) == IW_ZERO_DIVISION);
    CHECK(iw_ints_pow(2, 0, (uint64_t)-1, -1, IW_RAISE, &out) == IW_INVALID);
    CHECK(iw_ints_neg(UINT64_MAX, 0, IW_SATURATE, &out) == IW_OK && out.low == 1ull << 63 && out.high == -1);
    CHECK(iw_ints_mul(1, 0, 1, 0, 7, &out) == IW_INVALID && last_error_is("overflow must be in 0..=2, got 7"));
    CHECK(iw_ints_mul(1, 0, 1, 0, IW_RAISE, NULL) == IW_INVALID);
    CHECK(iw_ints_gcd_u128(0, 6, 0, 4, &out) == IW_OK && out.low == 0 && out.high == 2);

    uint64_t prime = 0;
    CHECK(iw_ints_next_prime(1000000000000u, &prime) == IW_OK && prime == 1000000000039u);
    CHECK(iw_ints_prev_prime(UINT64_MAX, &prime) == IW_OK && prime == 18446744073709551557u);
    CHECK(iw_ints_prev_prime(2, &prime) == IW_INVALID && iw_ints_next_prime(UINT64_MAX, &prime) == IW_OVERFLOW);

    iw_factors factors;
    CHECK(iw_ints_factor(360, 0, NULL, NULL, &factors) == IW_OK && factors.count == 3);
    CHECK(factors.low[0] == 2 && factors.exponents[0] == 3 && factors.low[2] == 5 && factors.exponents[2] == 1);
    CHECK(iw_ints_factor(UINT64_MAX, UINT64_MAX, NULL, NULL, &factors) == IW_OK && factors.count == 9);
    CHECK(iw_ints_factor(0, 0, NULL, NULL, &factors) == IW_INVALID);
}

static void arrays(void) {
    int32_t a[] = {1, -2, 3, -4, 5, -6}, sum[3];
    uint8_t flags[6];
    iw_array every_other = line(a + 4, IW_I32, 3, -8), three = line(sum, IW_I32, 3, 4);
    iw_array ten = line(a, IW_I32, 1, 0);
    ten.ndim = 0;
    CHECK(iw_ints_add_array(&every_other, &ten, IW_RAISE, &three, NULL, NULL) == IW_OK);
    CHECK(sum[0] == 6 && sum[1] == 4 && sum[2] == 2);

    iw_array all = line(a, IW_I32, 6, 4), bytes = line(flags, IW_U8, 6, 1);
    CHECK(iw_ints_is_prime_array(&all, &bytes, NULL, NULL) == IW_OK);
    CHECK(!flags[0] && !flags[1] && flags[2] && !flags[3] && flags[4] && !flags[5]);

    a[3] = INT32_MIN;
    int32_t six[6];
    iw_array out = line(six, IW_I32, 6, 4);
    CHECK(iw_ints_abs_array(&all, IW_RAISE, &out, NULL, NULL) == IW_OVERFLOW);
    CHECK(last_error_is("abs(a) must be in -2147483648..=2147483647 for int32, got abs(-2147483648) at index 3"));
    CHECK(iw_ints_abs_array(&all, IW_SATURATE, &out, NULL, NULL) == IW_OK && six[3] == INT32_MAX);
    CHECK(iw_ints_neg_array(&all, IW_WRAP, &all, NULL, NULL) == IW_INVALID && last_error_is("out overlaps a"));
    CHECK(iw_ints_isqrt_array(&all, &out, NULL, NULL) == IW_INVALID);
    CHECK(iw_ints_gcd_array(&all, NULL, IW_RAISE, &out, NULL, NULL) == IW_INVALID);
    out.dtype = IW_U32;
    CHECK(iw_ints_mul_array(&all, &all, IW_RAISE, &out, NULL, NULL) == IW_TYPE);
    out.dtype = IW_F32;
    CHECK(iw_ints_mul_array(&all, &all, IW_RAISE, &out, NULL, NULL) == IW_TYPE);
    out.dtype = IW_I32;
    out.ndim = 65;
    CHECK(iw_ints_neg_array(&ten, IW_RAISE, &out, NULL, NULL) == IW_INVALID);
}

static void primes(void) {
    iw_primes *found = NULL;
    CHECK(iw_primes_new(0, 1000000, NULL, NULL, &found) == IW_OK && iw_primes_count(found) == 78498);
    uint64_t *list = calloc(78498, sizeof *list);
    iw_array out = line(list, IW_U64, 78498, 8);
    CHECK(iw_primes_write(found, &out, NULL, NULL) == IW_OK && list[0] == 2 && list[78497] == 999983);
    out.shape[0] = 78497;
    CHECK(iw_primes_write(found, &out, NULL, NULL) == IW_INVALID);
    iw_primes_free(found);
    iw_primes_free(NULL);
    free(list);
    CHECK(iw_primes_count(NULL) == 0 && iw_primes_write(NULL, &out, NULL, NULL) == IW_INVALID);
    CHECK(iw_primes_new(0, UINT64_MAX, NULL, NULL, &found) == IW_MEMORY);
    uint64_t total = 0;
    CHECK(iw_primes_new(0, 1ull << 34, stop_at_once, &total, &found) == IW_CANCELLED);
    CHECK(total == (1ull << 34) / 30 + 1);
}

int main(void) {
    scalars();
    arrays();
    primes();
    return 0;
}
