/* The rules that hold for every call, as a C program meets them. */
#include "ironwheel.h"
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

int main(void) {
    CHECK(iw_abi_version() == IW_ABI_VERSION);
    CHECK(iw_abi_fingerprint() != 0);
    CHECK(strlen(iw_version()) >= 5);

    CHECK(multiply(6, 7) == 42);
    CHECK(write_line("from C") == 0 && write_line(NULL) == -1 && write_line("\xff") == -1);

    size_t threads = 0;
    CHECK(iw_set_threads(3) == IW_OK && iw_threads(&threads) == IW_OK && threads == 3);
    CHECK(iw_set_threads(4000) == IW_INVALID);
    CHECK(failed_with("threads must be in 1..=1024, got 4000"));
    CHECK(iw_threads(NULL) == IW_INVALID);
    CHECK(failed_with("out must not be NULL or misaligned"));
    CHECK(iw_last_error(NULL, 0) == strlen("out must not be NULL or misaligned"));
    CHECK(iw_last_os_error() == 0 && iw_last_path(NULL, 0) == 0);
    CHECK(iw_set_threads(0) == IW_OK);

    iw_bytes nothing = {0};
    iw_bytes_free(&nothing);
    iw_bytes_free(NULL);
    return 0;
}
