/* Frames from C: a producer of its own, good and hostile, whose releases are counted. */
#include "ironwheel.h"
#include <errno.h>
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

/* A table of two columns, "n" (int64, one null) and "word" (utf8), three rows a batch. */
static const int64_t numbers[] = {3, -1, 7};
static const uint8_t validity[] = {0x5}; /* row 1 is null */
static const int32_t offsets[] = {0, 1, 1, 4};
static const char letters[] = "abcd";

static const void *number_buffers[2], *word_buffers[3], *table_buffers[1];
static struct ArrowSchema fields[2], *field_list[2];
static struct ArrowArray columns[2], *column_list[2];
static int streams_released, arrays_released, schemas_released, batches_left, fail_at;

static void release_child_schema(struct ArrowSchema *schema) { schema->release = NULL; }
static void release_child_array(struct ArrowArray *array) { array->release = NULL; }

static void release_schema(struct ArrowSchema *schema) {
    schemas_released++;
    schema->release = NULL;
}

static void release_array(struct ArrowArray *array) {
    arrays_released++;
    array->release = NULL;
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
    (void)stream;
    fields[0] = (struct ArrowSchema){.format = "l", .name = "n", .flags = ARROW_FLAG_NULLABLE, .release = release_child_schema};
    fields[1] = (struct ArrowSchema){.format = "u", .name = "word", .flags = ARROW_FLAG_NULLABLE, .release = release_child_schema};
    field_list[0] = &fields[0], field_list[1] = &fields[1];
    *out = (struct ArrowSchema){.format = "+s", .name = "", .n_children = 2, .children = field_list, .release = release_schema};
    return 0;
}

static void make_batch(struct ArrowArray *out) {
    number_buffers[0] = validity, number_buffers[1] = numbers;
    word_buffers[0] = NULL, word_buffers[1] = offsets, word_buffers[2] = letters;
    table_buffers[0] = NULL;
    columns[0] = (struct ArrowArray){.length = 3, .null_count = 1, .n_buffers = 2, .buffers = number_buffers, .release = release_child_array};
    columns[1] = (struct ArrowArray){.length = 3, .null_count = 0, .n_buffers = 3, .buffers = word_buffers, .release = release_child_array};
    column_list[0] = &columns[0], column_list[1] = &columns[1];
    *out = (struct ArrowArray){.length = 3, .n_buffers = 1, .buffers = table_buffers, .n_children = 2, .children = column_list, .release = release_array};
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
    (void)stream;
    if (fail_at == batches_left) return EIO;
    if (batches_left-- == 0) memset(out, 0, sizeof *out);
    else make_batch(out);
    return 0;
}

static const char *get_last_error(struct ArrowArrayStream *stream) {
    (void)stream;
    return "the disk is on fire";
}

static void release_stream(struct ArrowArrayStream *stream) {
    streams_released++;
    stream->release = NULL;
}

static struct ArrowArrayStream produce(int batches) {
    streams_released = arrays_released = schemas_released = 0;
    batches_left = batches, fail_at = -1;
    return (struct ArrowArrayStream){get_schema, get_next, get_last_error, release_stream, NULL};
}

static int never(struct ArrowArrayStream *stream, struct ArrowArray *out) { return get_next(stream, out); }

static void no(void *context, uint64_t done, uint64_t total, int32_t *go_on) {
    (void)context, (void)done, (void)total;
    *go_on = 0;
}

static void good(void) {
    struct ArrowArrayStream data = produce(2);
    iw_profile *profile = NULL;
    CHECK(iw_frames_profile(&data, NULL, NULL, 0, NULL, NULL, &profile) == IW_OK);
    CHECK(data.release == NULL && streams_released == 1 && arrays_released == 2 && schemas_released == 1);
    iw_bytes json;
    CHECK(iw_profile_json(profile, &json) == IW_OK);
    char said[4096] = "";
    CHECK(json.len < sizeof said);
    memcpy(said, json.data, json.len);
    CHECK(strncmp(said, "{\"rows\":6,", strlen("{\"rows\":6,")) == 0);
    const char *expected[] = {
        "\"columns\":[{\"name\":\"n\",\"type\":\"int64\",\"kind\":\"integer\",\"count\":4,\"nulls\":2,\"nan\":null,",
        "\"distinct\":2,\"distinct_exact\":true,\"min\":3,\"max\":7,\"mean\":5.0,\"std\":2.309401076758503,",
        "\"top\":[{\"value\":3,\"count\":2},{\"value\":7,\"count\":2}],",
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) CHECK(strstr(said, expected[i]) != NULL);
    iw_bytes_free(&json);

    struct ArrowArrayStream table;
    struct ArrowArray batch;
    CHECK(iw_profile_stream(profile, &table) == IW_OK);
    iw_profile_free(profile); /* the stream lives on its own */
    CHECK(table.get_next(&table, &batch) == 0 && batch.length == 2 && batch.n_children == 29);
    batch.release(&batch);
    CHECK(table.get_next(&table, &batch) == 0 && batch.release == NULL);
    table.release(&table);
    CHECK(table.release == NULL);
}

static void kept(void) {
    struct ArrowArrayStream data = produce(3), out;
    struct ArrowArray batch;
    struct ArrowSchema schema;
    iw_frame *frame = NULL;
    uint64_t rows = 0;
    CHECK(iw_frames_read(&data, NULL, NULL, &frame) == IW_OK && streams_released == 1 && arrays_released == 0);
    CHECK(iw_frame_rows(frame, &rows) == IW_OK && rows == 9);
    CHECK(iw_frame_stream(frame, &out) == IW_OK);
    iw_frame_free(frame);
    CHECK(arrays_released == 0);
    CHECK(out.get_schema(&out, &schema) == 0 && schema.n_children == 2 && strcmp(schema.children[1]->name, "word") == 0);
    schema.release(&schema);
    CHECK(out.get_next(&out, &batch) == 0);
    CHECK(batch.children[0]->buffers[1] == numbers); /* the producer's memory, not a copy */
    batch.release(&batch);
    out.release(&out);
    CHECK(arrays_released == 3);
    iw_frame_free(NULL);
    iw_profile_free(NULL);
}

static void refused(void) {
    iw_profile *profile = NULL;
    struct ArrowArrayStream data = produce(1);
    CHECK(iw_frames_profile(NULL, NULL, NULL, 0, NULL, NULL, &profile) == IW_INVALID && failed_with("data must not be NULL"));
    CHECK(iw_frames_profile(&data, NULL, NULL, 0, NULL, NULL, NULL) == IW_INVALID && failed_with("out must not be NULL"));
    CHECK(data.release == NULL && streams_released == 1);
    CHECK(iw_frames_profile(&data, NULL, NULL, 0, NULL, NULL, &profile) == IW_INVALID && failed_with("released"));

    data = produce(1), data.get_next = NULL;
    CHECK(iw_frames_profile(&data, NULL, NULL, 0, NULL, NULL, &profile) == IW_INVALID && failed_with("without get_schema or get_next"));
    CHECK(streams_released == 1);

    data = produce(3), fail_at = 1;
    CHECK(iw_frames_profile(&data, NULL, NULL, 0, NULL, NULL, &profile) == IW_INVALID && failed_with("the disk is on fire"));
    CHECK(streams_released == 1 && arrays_released == 2);

    data = produce(3), fail_at = 3, data.get_last_error = NULL;
    CHECK(iw_frames_profile(&data, NULL, NULL, 0, NULL, NULL, &profile) == IW_INVALID && failed_with("get_next failed: error 5"));

    data = produce(40), data.get_next = never;
    CHECK(iw_frames_profile(&data, NULL, NULL, 0, no, NULL, &profile) == IW_CANCELLED);
    CHECK(streams_released == 1 && arrays_released == 40 - batches_left - (batches_left < 0));

    const uint8_t *names[] = {(const uint8_t *)"word", (const uint8_t *)"n\xff"};
    size_t sizes[] = {4, 2};
    data = produce(1);
    CHECK(iw_frames_profile(&data, names, sizes, 2, NULL, NULL, &profile) == IW_INVALID && failed_with("columns is not UTF-8"));
    data = produce(1);
    CHECK(iw_frames_profile(&data, names, NULL, 1, NULL, NULL, &profile) == IW_INVALID && failed_with("column_sizes"));
    data = produce(1);
    CHECK(iw_frames_profile(&data, names, sizes, 1, NULL, NULL, &profile) == IW_OK);
    iw_profile_free(profile);
    CHECK(iw_frame_rows(NULL, NULL) == IW_INVALID && failed_with("frame must not be NULL"));
}

/* One array and its schema, spoiled by a function, must be refused and still released. */
static void spoiled(void (*spoil)(struct ArrowSchema *, struct ArrowArray *), const char *part) {
    struct ArrowArrayStream data = produce(1), out;
    struct ArrowSchema schema;
    struct ArrowArray array;
    get_schema(&data, &schema);
    make_batch(&array);
    spoil(&schema, &array);
    iw_status status = iw_arrow_stream_from_array(&schema, &array, &out);
    CHECK((status == IW_INVALID || status == IW_TYPE) && failed_with(part));
    CHECK(schema.release == NULL && array.release == NULL);
}

#define SPOIL(name, change) \
    static void name(struct ArrowSchema *schema, struct ArrowArray *array) { (void)schema, (void)array; change; }

static const int32_t falling[] = {0, 3, 1, 4}, below[] = {-1, 1, 1, 4}, negative_end[] = {0, 1, 1, -4};
SPOIL(null_format, fields[0].format = NULL)
SPOIL(odd_format, fields[0].format = "q!")
SPOIL(format_not_text, fields[0].format = "\xff")
SPOIL(name_not_text, fields[0].name = "\xff")
SPOIL(many_fields, schema->n_children = -2)
SPOIL(too_many_fields, schema->n_children = INT64_MAX)
SPOIL(no_fields, schema->children = NULL)
SPOIL(null_field, field_list[1] = NULL)
SPOIL(released_field, fields[1].release = NULL)
SPOIL(list_without_item, fields[0].format = "+l")
SPOIL(negative_list, fields[0].format = "+w:-3"; fields[0].n_children = 1; fields[0].children = &field_list[1])
SPOIL(wide_binary, fields[0].format = "w:-1")
SPOIL(precise_decimal, fields[0].format = "d:99,2")
SPOIL(dictionary_of_text, fields[1].dictionary = &fields[0])
SPOIL(missing_dictionary, fields[0].dictionary = &fields[1])
SPOIL(negative_length, columns[0].length = -1)
SPOIL(negative_offset, columns[0].offset = -1)
SPOIL(endless, columns[0].length = INT64_MAX)
SPOIL(endless_with_offset, columns[0].offset = INT64_MAX)
SPOIL(short_child, columns[0].length = 2)
SPOIL(few_buffers, columns[1].n_buffers = 2)
SPOIL(many_buffers, columns[1].n_buffers = INT64_MAX)
SPOIL(no_buffers, columns[0].buffers = NULL)
SPOIL(null_buffer, number_buffers[1] = NULL)
SPOIL(null_offsets, word_buffers[1] = NULL)
SPOIL(null_text, word_buffers[2] = NULL)
SPOIL(crooked_offsets, word_buffers[1] = (const char *)offsets + 1)
SPOIL(falling_offsets, word_buffers[1] = falling)
SPOIL(offsets_below, word_buffers[1] = below)
SPOIL(offsets_end_below, word_buffers[1] = negative_end)
SPOIL(not_text, word_buffers[2] = "\xff\xff\xff\xff")
SPOIL(many_nulls, columns[0].null_count = 9)
SPOIL(nulls_without_validity, number_buffers[0] = NULL)
SPOIL(missing_child, array->n_children = 1)
SPOIL(null_child, column_list[0] = NULL)
SPOIL(released_child, columns[0].release = NULL)
SPOIL(null_rows, array->null_count = 1; table_buffers[0] = validity)
SPOIL(released_array, array->release = NULL)
SPOIL(stray_dictionary, columns[0].dictionary = &columns[1])

static void hostile(void) {
    spoiled(null_format, "column \"n\" has a format that is NULL");
    spoiled(odd_format, "column \"n\" has Arrow format \"q!\"");
    spoiled(format_not_text, "column \"n\" has a format");
    spoiled(name_not_text, "name that is not UTF-8");
    spoiled(many_fields, "n_children -2");
    spoiled(too_many_fields, "n_children 9223372036854775807");
    spoiled(no_fields, "children at NULL");
    spoiled(null_field, "NULL for child 1");
    spoiled(released_field, "column \"word\" has a released Arrow schema");
    spoiled(list_without_item, "0 children, not 1");
    spoiled(negative_list, "\"+w:-3\"");
    spoiled(wide_binary, "\"w:-1\"");
    spoiled(precise_decimal, "\"d:99,2\"");
    spoiled(dictionary_of_text, "keys of type Utf8");
    spoiled(missing_dictionary, "dictionary missing");
    spoiled(negative_length, "column \"n\" has length -1");
    spoiled(negative_offset, "column \"n\" has offset -1");
    spoiled(endless, "too long to exist");
    spoiled(endless_with_offset, "too long to exist");
    spoiled(short_child, "has 2 elements where its parent needs 3");
    spoiled(few_buffers, "has 2 buffers, not 3");
    spoiled(many_buffers, "has 9223372036854775807 buffers, not 3");
    spoiled(no_buffers, "buffers at NULL");
    spoiled(null_buffer, "column \"n\" has NULL for buffer 1");
    spoiled(null_offsets, "column \"word\" has offsets at NULL");
    spoiled(null_text, "column \"word\" has NULL for buffer 2");
    spoiled(crooked_offsets, "misaligned");
    spoiled(falling_offsets, "column \"word\" has offsets that fall from 3 to 1 at row 1");
    spoiled(offsets_below, "column \"word\" has offsets -1..4");
    spoiled(offsets_end_below, "has offset -4 at its end");
    spoiled(not_text, "column \"word\" is not UTF-8 at row 0");
    spoiled(many_nulls, "null_count 9 of 3");
    spoiled(nulls_without_validity, "null_count 1 and no validity");
    spoiled(missing_child, "has 1 children, not 2");
    spoiled(null_child, "NULL for child 0");
    spoiled(released_child, "column \"n\" is a released Arrow array");
    spoiled(null_rows, "null rows");
    spoiled(released_array, "released Arrow array");
    spoiled(stray_dictionary, "dictionary missing or too many");
}

/* A schema that is its own child would never end. */
static void bottomless(void) {
    static struct ArrowSchema loop, *self[1] = {&loop};
    struct ArrowArrayStream data = produce(1), out;
    struct ArrowArray array;
    loop = (struct ArrowSchema){.format = "+l", .name = "x", .n_children = 1, .children = self, .release = release_schema};
    make_batch(&array);
    struct ArrowSchema root = loop;
    CHECK(iw_arrow_stream_from_array(&root, &array, &out) == IW_INVALID && failed_with("levels deep"));
    (void)data;
}

int main(void) {
    good();
    kept();
    refused();
    hostile();
    bottomless();
    return 0;
}
