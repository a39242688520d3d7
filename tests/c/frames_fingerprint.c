/* Fingerprints and differences from C, of tables that C made. */
#include "ironwheel.h"
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(ok) \
    do { if (!(ok)) { fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #ok); exit(1); } } while (0)

static char message[512];

static int failed_with(const char *part) {
    size_t n = iw_last_error((uint8_t *)message, sizeof message - 1);
    message[n < sizeof message ? n : sizeof message - 1] = 0;
    if (strstr(message, part)) return 1;
    fprintf(stderr, "expected \"%s\" in \"%s\"\n", part, message);
    return 0;
}

/* A table of two int64 columns, "id" and "n", of up to three rows. */
typedef struct {
    int64_t ids[3], values[3];
    int64_t rows;
    int done;
    const void *id_buffers[2], *value_buffers[2], *table_buffers[1];
    struct ArrowSchema fields[2], *field_list[2];
    struct ArrowArray columns[2], *column_list[2];
} table;

static int streams_released;

static void release_schema(struct ArrowSchema *schema) { schema->release = NULL; }
static void release_array(struct ArrowArray *array) { array->release = NULL; }

static void release_stream(struct ArrowArrayStream *stream) {
    streams_released++;
    stream->release = NULL;
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
    table *own = stream->private_data;
    own->fields[0] = (struct ArrowSchema){.format = "l", .name = "id", .release = release_schema};
    own->fields[1] = (struct ArrowSchema){.format = "l", .name = "n", .release = release_schema};
    own->field_list[0] = &own->fields[0], own->field_list[1] = &own->fields[1];
    *out = (struct ArrowSchema){.format = "+s", .name = "", .n_children = 2, .children = own->field_list, .release = release_schema};
    return 0;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
    table *own = stream->private_data;
    memset(out, 0, sizeof *out);
    if (own->done) return 0;
    own->done = 1;
    own->id_buffers[1] = own->ids, own->value_buffers[1] = own->values;
    own->columns[0] = (struct ArrowArray){.length = own->rows, .n_buffers = 2, .buffers = own->id_buffers, .release = release_array};
    own->columns[1] = (struct ArrowArray){.length = own->rows, .n_buffers = 2, .buffers = own->value_buffers, .release = release_array};
    own->column_list[0] = &own->columns[0], own->column_list[1] = &own->columns[1];
    *out = (struct ArrowArray){.length = own->rows, .n_buffers = 1, .buffers = own->table_buffers, .n_children = 2, .children = own->column_list, .release = release_array};
    return 0;
}

static const char *get_last_error(struct ArrowArrayStream *stream) {
    (void)stream;
    return NULL;
}

static struct ArrowArrayStream produce(table *own) {
    own->done = 0;
    return (struct ArrowArrayStream){get_schema, get_next, get_last_error, release_stream, own};
}

static table before = {.ids = {1, 2, 3}, .values = {10, 20, 30}, .rows = 3};
static table after = {.ids = {3, 4, 2}, .values = {30, 40, 25}, .rows = 3};
static table turned = {.ids = {3, 1, 2}, .values = {30, 10, 20}, .rows = 3};

static iw_fingerprint *of(table *own, uint32_t bits, uint32_t flags) {
    struct ArrowArrayStream data = produce(own);
    iw_fingerprint *made = NULL;
    CHECK(iw_frames_fingerprint(&data, NULL, NULL, 0, bits, flags, NULL, NULL, &made) == IW_OK);
    CHECK(data.release == NULL);
    return made;
}

static void fingerprints(void) {
    iw_fingerprint *one = of(&before, 64, 0), *other = of(&turned, 64, IW_FINGERPRINT_DIGEST_ONLY);
    uint64_t rows, low, high, sums[2];
    CHECK(iw_fingerprint_digest(one, &rows, &low, &high) == IW_OK && rows == 3);
    CHECK(iw_fingerprint_digest(other, &rows, &sums[0], &sums[1]) == IW_OK && rows == 3);
    CHECK(low == sums[0] && high == sums[1]);

    const void *data;
    size_t len;
    CHECK(iw_fingerprint_hashes(one, &data, &len) == IW_OK && len == 24);
    const uint64_t *hashes = data;
    CHECK(hashes[0] + hashes[1] + hashes[2] == low);
    CHECK(iw_fingerprint_hashes(other, &data, &len) == IW_INVALID && failed_with("were not kept"));

    struct ArrowArrayStream stream;
    struct ArrowArray batch;
    CHECK(iw_fingerprint_stream(other, &stream) == IW_INVALID);
    CHECK(iw_fingerprint_stream(one, &stream) == IW_OK);
    CHECK(stream.get_next(&stream, &batch) == 0 && batch.length == 3 && batch.children[0]->buffers[1] == (const void *)hashes);
    uint64_t first = hashes[0];
    iw_fingerprint_free(one); /* the stream lives on its own */
    CHECK(((const uint64_t *)batch.children[0]->buffers[1])[0] == first);
    batch.release(&batch);
    stream.release(&stream);
    iw_fingerprint_free(other);

    one = of(&before, 128, IW_FINGERPRINT_BY_NAME);
    CHECK(iw_fingerprint_hashes(one, &data, &len) == IW_OK && len == 48);
    iw_fingerprint_free(one);
    iw_fingerprint_free(NULL);
}

static void fingerprints_refused(void) {
    struct ArrowArrayStream data = produce(&before);
    iw_fingerprint *made = NULL;
    CHECK(iw_frames_fingerprint(&data, NULL, NULL, 0, 65, 0, NULL, NULL, &made) == IW_INVALID && failed_with("bits must be 64 or 128, got 65"));
    CHECK(data.release == NULL);
    data = produce(&before);
    CHECK(iw_frames_fingerprint(&data, NULL, NULL, 0, 64, 4, NULL, NULL, &made) == IW_INVALID && failed_with("flags must be"));
    CHECK(iw_frames_fingerprint(NULL, NULL, NULL, 0, 64, 0, NULL, NULL, &made) == IW_INVALID && failed_with("data must not be NULL"));
    uint64_t words[3];
    CHECK(iw_fingerprint_digest(NULL, &words[0], &words[1], &words[2]) == IW_INVALID && failed_with("fingerprint must not be NULL"));
}

static iw_digest digest_of(table *own, uint32_t bits) {
    iw_fingerprint *made = of(own, bits, IW_FINGERPRINT_DIGEST_ONLY);
    iw_digest digest = {.bits = bits};
    CHECK(iw_fingerprint_digest(made, &digest.rows, &digest.low, &digest.high) == IW_OK);
    iw_fingerprint_free(made);
    return digest;
}

static int equal(const iw_digest *one, const iw_digest *other) {
    return one->rows == other->rows && one->low == other->low && one->high == other->high && one->bits == other->bits &&
           one->flags == other->flags;
}

static void digests(void) {
    CHECK(sizeof(iw_digest) == 32 && offsetof(iw_digest, low) == 8 && offsetof(iw_digest, bits) == 24 && offsetof(iw_digest, flags) == 28);
    for (uint32_t bits = 64; bits <= 128; bits += 64) {
        iw_digest parts[2] = {digest_of(&before, bits), digest_of(&after, bits)}, turn[2] = {parts[1], parts[0]};
        iw_digest merged, again;
        CHECK(iw_digests_merge(parts, 2, &merged) == IW_OK && merged.rows == 6 && merged.bits == bits);
        CHECK(iw_digests_merge(turn, 2, &turn[0]) == IW_OK && equal(&turn[0], &merged));
        CHECK(merged.low == parts[0].low + parts[1].low);
        iw_bytes bytes;
        CHECK(iw_digest_to_bytes(&merged, &bytes) == IW_OK && bytes.len == 43);
        CHECK(iw_digest_from_bytes(bytes.data, bytes.len, &again) == IW_OK && equal(&again, &merged));
        for (size_t at = 0; at < bytes.len; at++) {
            CHECK(iw_digest_from_bytes(bytes.data, at, &again) == IW_INVALID);
            ((uint8_t *)bytes.data)[at] ^= 1;
            CHECK(iw_digest_from_bytes(bytes.data, bytes.len, &again) == IW_INVALID);
            ((uint8_t *)bytes.data)[at] ^= 1;
        }
        iw_bytes_free(&bytes);
    }
    iw_digest unlike[2] = {digest_of(&before, 64), digest_of(&before, 128)}, none;
    CHECK(iw_digests_merge(unlike, 2, &none) == IW_INVALID && failed_with("digests[1] must have bits=64, got 128"));
    CHECK(iw_digests_merge(NULL, 0, &none) == IW_INVALID && failed_with("at least one digest"));
    unlike[0].bits = 3;
    iw_bytes bytes;
    CHECK(iw_digest_to_bytes(unlike, &bytes) == IW_INVALID && failed_with("bits must be 64 or 128, got 3"));
    unlike[0].bits = 64, unlike[0].flags = IW_FINGERPRINT_DIGEST_ONLY;
    CHECK(iw_digest_to_bytes(unlike, &bytes) == IW_INVALID && failed_with("flags must be"));
    CHECK(iw_digest_from_bytes(NULL, 5, &none) == IW_INVALID && failed_with("data is NULL"));
}

static void differences(void) {
    const uint8_t *key[] = {(const uint8_t *)"id"};
    const size_t key_sizes[] = {2};
    struct ArrowArrayStream old = produce(&before), new_ = produce(&after);
    iw_diff *diff = NULL;
    streams_released = 0;
    CHECK(iw_frames_diff(&old, &new_, key, key_sizes, 1, NULL, NULL, 0, NULL, NULL, &diff) == IW_OK);
    CHECK(streams_released == 2);
    iw_bytes json;
    CHECK(iw_diff_json(diff, &json) == IW_OK);
    const char *expected =
        "{\"equal\":false,\"key\":[\"id\"],\"counts\":{\"old\":3,\"new\":3,\"unchanged\":1,\"changed\":1,\"added\":1,\"removed\":1,";
    CHECK(json.len > strlen(expected) && memcmp(json.data, expected, strlen(expected)) == 0);
    iw_bytes_free(&json);

    struct ArrowArrayStream stream;
    struct ArrowArray batch;
    CHECK(iw_diff_stream(diff, 3, &stream) == IW_INVALID && failed_with("part must be"));
    CHECK(iw_diff_stream(diff, IW_DIFF_CHANGED, &stream) == IW_OK);
    iw_diff_free(diff); /* the stream lives on its own */
    CHECK(stream.get_next(&stream, &batch) == 0 && batch.length == 1 && batch.n_children == 4);
    CHECK(((const int64_t *)batch.children[2]->buffers[1])[0] == 20 && ((const int64_t *)batch.children[3]->buffers[1])[0] == 25);
    batch.release(&batch);
    stream.release(&stream);
    iw_diff_free(NULL);
}

static void differences_refused(void) {
    const uint8_t *key[] = {(const uint8_t *)"i\xff"};
    const size_t key_sizes[] = {2};
    struct ArrowArrayStream old = produce(&before), new_ = produce(&after);
    iw_diff *diff = NULL;
    streams_released = 0;
    CHECK(iw_frames_diff(&old, &new_, key, key_sizes, 1, NULL, NULL, 0, NULL, NULL, &diff) == IW_INVALID && failed_with("key is not UTF-8"));
    CHECK(streams_released == 2);
    old = produce(&before), new_ = produce(&after);
    CHECK(iw_frames_diff(&old, &new_, key, NULL, 1, NULL, NULL, 0, NULL, NULL, &diff) == IW_INVALID && failed_with("key_sizes must not be NULL"));
    new_ = produce(&after), streams_released = 0;
    CHECK(iw_frames_diff(NULL, &new_, NULL, NULL, 0, NULL, NULL, 0, NULL, NULL, &diff) == IW_INVALID && failed_with("old must not be NULL"));
    CHECK(streams_released == 1 && new_.release == NULL);
    CHECK(iw_diff_json(NULL, NULL) == IW_INVALID);
}

int main(void) {
    fingerprints();
    fingerprints_refused();
    digests();
    differences();
    differences_refused();
    puts("frames_fingerprint ok");
    return 0;
}
