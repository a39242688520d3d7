/* Reductions and the Mandelbrot set, as a C program uses them. */
#include "ironwheel.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(ok) \
    do { if (!(ok)) { fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #ok); exit(1); } } while (0)

static int failed_with(const char *expected) {
    char text[256] = {0};
    size_t n = iw_last_error((uint8_t *)text, sizeof text - 1);
    if (n == strlen(expected) && memcmp(text, expected, n) == 0) return 1;
    fprintf(stderr, "expected \"%s\", got \"%s\"\n", expected, text);
    return 0;
}

static void stop(void *context, uint64_t done, uint64_t total, int32_t *go_on) {
    (void)done;
    (void)total;
    ++*(int *)context;
    *go_on = 0;
}

static iw_array two_axes(void *data, uint32_t dtype, size_t n, size_t m, ptrdiff_t row, ptrdiff_t column) {
    iw_array array = {.data = data, .dtype = dtype, .ndim = 2};
    array.shape[0] = n;
    array.shape[1] = m;
    array.strides[0] = row;
    array.strides[1] = column;
    return array;
}

int main(void) {
    double data[6] = {1, 2, 3, 4, 5, NAN};
    iw_array values = two_axes(data, IW_F64, 2, 3, 24, 8);
    double out[6];

    /* every axis, the last, the first, none */
    CHECK(iw_arrays_sum(&values, 3, 1, out, IW_F64, 1, NULL, NULL) == IW_OK && out[0] == 15);
    CHECK(iw_arrays_sum(&values, 3, 0, out, IW_F64, 1, NULL, NULL) == IW_OK && isnan(out[0]));
    CHECK(iw_arrays_sum(&values, 2, 1, out, IW_F64, 2, NULL, NULL) == IW_OK && out[0] == 6 && out[1] == 9);
    CHECK(iw_arrays_mean(&values, 1, 1, out, IW_F64, 3, NULL, NULL) == IW_OK && out[0] == 2.5 && out[2] == 3);
    CHECK(iw_arrays_max(&values, 0, 0, out, IW_F64, 6, NULL, NULL) == IW_OK && out[4] == 5 && isnan(out[5]));
    CHECK(iw_arrays_var(&values, 3, 1.0, 1, out, IW_F64, 1, NULL, NULL) == IW_OK && out[0] == 2.5);
    CHECK(iw_arrays_std(&values, 2, 0.0, 0, out, IW_F64, 2, NULL, NULL) == IW_OK && isnan(out[1]));
    CHECK(iw_arrays_min(&values, 1, 1, out, IW_F64, 3, NULL, NULL) == IW_OK && out[2] == 3);
    CHECK(iw_arrays_minmax(&values, 3, 1, out, IW_F64, 2, NULL, NULL) == IW_OK && out[0] == 1 && out[1] == 5);
    int64_t place[3];
    CHECK(iw_arrays_argmax(&values, 3, 0, place, IW_I64, 1, NULL, NULL) == IW_OK && place[0] == 5);
    CHECK(iw_arrays_argmin(&values, 1, 1, place, IW_I64, 3, NULL, NULL) == IW_OK && place[2] == 0);

    /* backwards, repeated, empty */
    iw_array turned = two_axes(&data[4], IW_F64, 2, 5, 0, -8);
    CHECK(iw_arrays_sum(&turned, 3, 0, out, IW_F64, 1, NULL, NULL) == IW_OK && out[0] == 30);
    CHECK(iw_arrays_argmin(&turned, 2, 0, place, IW_I64, 2, NULL, NULL) == IW_OK && place[1] == 4);
    iw_array empty = two_axes(NULL, IW_F64, 0, 3, 24, 8);
    CHECK(iw_arrays_sum(&empty, 1, 0, out, IW_F64, 3, NULL, NULL) == IW_OK && out[1] == 0);
    CHECK(iw_arrays_min(&empty, 2, 0, NULL, IW_F64, 0, NULL, NULL) == IW_OK);
    CHECK(iw_arrays_min(&empty, 1, 0, out, IW_F64, 3, NULL, NULL) == IW_INVALID);
    CHECK(failed_with("values must not be empty along the axes to fold, got 0 elements"));

    /* integers are exact */
    int64_t big[2] = {INT64_MAX, 1}, sum = 0;
    iw_array integers = two_axes(big, IW_I64, 1, 2, 16, 8);
    CHECK(iw_arrays_sum(&integers, 3, 0, &sum, IW_I64, 1, NULL, NULL) == IW_OVERFLOW);
    CHECK(failed_with("values must sum to what int64 holds, got 9223372036854775808"));
    CHECK(iw_arrays_mean(&integers, 3, 0, out, IW_F64, 1, NULL, NULL) == IW_OK && out[0] == 0x1p62);

    /* everything wrong has a name */
    CHECK(iw_arrays_sum(NULL, 3, 0, out, IW_F64, 1, NULL, NULL) == IW_INVALID);
    CHECK(failed_with("values must not be NULL"));
    CHECK(iw_arrays_sum(&values, 3, 0, NULL, IW_F64, 1, NULL, NULL) == IW_INVALID);
    CHECK(failed_with("out is NULL but not empty"));
    CHECK(iw_arrays_sum(&values, 3, 0, out, IW_F32, 1, NULL, NULL) == IW_TYPE);
    CHECK(failed_with("out must be float64, got float32"));
    CHECK(iw_arrays_sum(&values, 3, 0, out, 77, 1, NULL, NULL) == IW_TYPE);
    CHECK(iw_arrays_sum(&values, 2, 0, out, IW_F64, 3, NULL, NULL) == IW_INVALID);
    CHECK(failed_with("out must hold 2 elements, got 3"));
    CHECK(iw_arrays_sum(&values, 4, 0, out, IW_F64, 1, NULL, NULL) == IW_INVALID);
    CHECK(failed_with("axis must be below 2, the axes of values, got 2"));
    CHECK(iw_arrays_sum(&values, 3, 0, &data[5], IW_F64, 1, NULL, NULL) == IW_INVALID);
    CHECK(failed_with("out overlaps values"));
    CHECK(iw_arrays_minmax(&values, 3, 0, out, IW_F64, 3, NULL, NULL) == IW_INVALID);
    CHECK(failed_with("out must hold pairs, got 3 elements"));
    CHECK(iw_arrays_std(&values, 3, NAN, 0, out, IW_F64, 1, NULL, NULL) == IW_INVALID);
    CHECK(failed_with("ddof must be a number, got NaN"));

    /* the Mandelbrot set, against the loop its documentation states */
    enum { W = 37, H = 21, N = 150 };
    uint32_t counts[W * H];
    CHECK(iw_arrays_mandelbrot(W, H, N, -2.0, 0.5, -1.25, 1.25, counts, NULL, NULL) == IW_OK);
    for (size_t row = 0; row < H; row++) {
        for (size_t column = 0; column < W; column++) {
            volatile double cr = -2.0 + (double)column * (2.5 / (W - 1)), ci = -1.25 + (double)row * (2.5 / (H - 1));
            if (column == W - 1) cr = 0.5;
            if (row == H - 1) ci = 1.25;
            volatile double x = 0, y = 0; /* each operation rounded by itself, whatever the compiler may fuse */
            uint32_t n = 0;
            for (; n < N; n++) {
                volatile double xx = x * x, yy = y * y, xy = 2 * x * y, norm = xx + yy, difference = xx - yy;
                if (norm > 4) break;
                x = difference + cr;
                y = xy + ci;
            }
            CHECK(counts[row * W + column] == n);
        }
    }
    int ticks = 0;
    CHECK(iw_arrays_mandelbrot(W, H, UINT32_MAX, -0.751, -0.749, 0.0001, 0.001, counts, stop, &ticks) == IW_CANCELLED);
    CHECK(ticks == 1);
    CHECK(iw_arrays_mandelbrot(1, 1, 1, -2, INFINITY, 0, 1, counts, NULL, NULL) == IW_INVALID);
    CHECK(failed_with("region must be finite, got x from -2 to inf"));
    CHECK(iw_arrays_mandelbrot(SIZE_MAX, 2, 1, -2, 1, 0, 1, counts, NULL, NULL) == IW_INVALID);
    CHECK(iw_arrays_mandelbrot(0, 9, 1, -2, 1, 0, 1, NULL, NULL, NULL) == IW_OK);
    return 0;
}
