/* Rules and reports from C: a table checked whole and in pieces, with a function of C's and a frame it refers to. */
#include "ironwheel.h"
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

/* A table of one int64 column, "id", of up to four rows. */
typedef struct {
    int64_t ids[4];
    int64_t rows;
    int done;
    const void *id_buffers[2], *table_buffers[1];
    struct ArrowSchema field, *field_list[1];
    struct ArrowArray column, *column_list[1];
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
    own->field = (struct ArrowSchema){.format = "l", .name = "id", .release = release_schema};
    own->field_list[0] = &own->field;
    *out = (struct ArrowSchema){.format = "+s", .name = "", .n_children = 1, .children = own->field_list, .release = release_schema};
    return 0;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
    table *own = stream->private_data;
    memset(out, 0, sizeof *out);
    if (own->done) return 0;
    own->done = 1;
    own->id_buffers[1] = own->ids;
    own->column = (struct ArrowArray){.length = own->rows, .n_buffers = 2, .buffers = own->id_buffers, .release = release_array};
    own->column_list[0] = &own->column;
    *out = (struct ArrowArray){.length = own->rows, .n_buffers = 1, .buffers = own->table_buffers, .n_children = 1, .children = own->column_list, .release = release_array};
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

static table whole = {.ids = {1, 2, 2, 9}, .rows = 4};
static table head = {.ids = {1, 2}, .rows = 2};
static table tail = {.ids = {2, 9}, .rows = 2};
static table known = {.ids = {1, 2, 3}, .rows = 3};

static const char TEXT[] =
    "[{\"rule\": \"unique\", \"columns\": [\"id\"]},"
    " {\"rule\": \"monotonic\", \"column\": \"id\", \"strict\": true, \"severity\": \"warning\"},"
    " {\"rule\": \"foreign_key\", \"columns\": [\"id\"], \"frame\": \"known\"},"
    " {\"rule\": \"custom\", \"columns\": [\"id\"], \"name\": \"small\"},"
    " {\"rule\": \"row_count\", \"min\": 4}]";

static iw_rules *parsed(const char *text) {
    iw_rules *rules = NULL;
    CHECK(iw_rules_new((const uint8_t *)text, strlen(text), 0, NULL, 0, &rules) == IW_OK);
    return rules;
}

static int asked;

/* Below 5 passes. */
static void small(void *context, uint64_t rule, const iw_frame *rows, uint8_t *verdicts, size_t count, int32_t *go_on) {
    struct ArrowArrayStream stream;
    struct ArrowArray batch;
    CHECK(rule == 3 && context == &asked);
    CHECK(iw_frame_stream(rows, &stream) == IW_OK);
    CHECK(stream.get_next(&stream, &batch) == 0 && (size_t)batch.length == count && batch.n_children == 1);
    const int64_t *ids = (const int64_t *)batch.children[0]->buffers[1] + batch.children[0]->offset;
    for (size_t at = 0; at < count; at++) verdicts[at] = ids[at] < 5;
    batch.release(&batch);
    stream.release(&stream);
    asked++;
    *go_on = 1;
}

static void refuses(void *context, uint64_t rule, const iw_frame *rows, uint8_t *verdicts, size_t count, int32_t *go_on) {
    (void)context, (void)rule, (void)rows, (void)verdicts, (void)count, (void)go_on;
}

static const uint8_t *const NAMES[] = {(const uint8_t *)"known"};
static const size_t SIZES[] = {5};

static iw_report *reported(const iw_rules *rules) {
    struct ArrowArrayStream data = produce(&whole), other = produce(&known);
    struct ArrowArrayStream *others[] = {&other};
    iw_report *report = NULL;
    streams_released = 0;
    CHECK(iw_frames_validate(&data, rules, NAMES, SIZES, others, 1, small, &asked, NULL, NULL, &report) == IW_OK);
    CHECK(streams_released == 2 && data.release == NULL && other.release == NULL);
    return report;
}

static iw_validation *state(table *own, const iw_rules *rules) {
    static const int64_t now = 1714564800000000000;
    struct ArrowArrayStream data = produce(own), other = produce(&known);
    struct ArrowArrayStream *others[] = {&other};
    iw_validation *made = NULL;
    streams_released = 0;
    CHECK(iw_frames_validation(&data, rules, NAMES, SIZES, others, 1, small, &asked, &now, NULL, NULL, &made) == IW_OK);
    CHECK(streams_released == 2 && data.release == NULL && other.release == NULL);
    return made;
}

static int same(iw_bytes *one, iw_bytes *other) {
    int equal = one->len == other->len && memcmp(one->data, other->data, one->len) == 0;
    iw_bytes_free(one);
    iw_bytes_free(other);
    return equal;
}

static void rules_and_reports(void) {
    iw_rules *rules = parsed(TEXT);
    iw_bytes text;
    CHECK(iw_rules_columns(rules, &text) == IW_OK && text.len == 6 && memcmp(text.data, "[\"id\"]", 6) == 0);
    iw_bytes_free(&text);
    CHECK(iw_rules_json(rules, &text) == IW_OK && text.len > 20 && memcmp(text.data, "[{\"rule\":\"unique\"", 17) == 0);
    iw_bytes_free(&text);

    asked = 0;
    iw_report *report = reported(rules);
    CHECK(asked == 1);
    static const uint8_t masks[][4] = {{0, 1, 1, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}, {0, 0, 0, 1}, {0, 0, 0, 0}};
    for (int64_t rule = 0; rule < 5; rule++) {
        CHECK(iw_report_mask(report, rule, &text) == IW_OK && text.len == 4 && memcmp(text.data, masks[rule], 4) == 0);
        iw_bytes_free(&text);
    }
    CHECK(iw_report_mask(report, IW_ALL_RULES, &text) == IW_OK && memcmp(text.data, "\0\1\1\1", 4) == 0);
    iw_bytes_free(&text);
    CHECK(iw_report_mask(report, 5, &text) == IW_INVALID && failed_with("rule must be less than 5, got 5"));
    static const char begins[] = "{\"passed\":false,\"rows\":4,\"results\":[";
    CHECK(iw_report_json(report, &text) == IW_OK && memcmp(text.data, begins, sizeof begins - 1) == 0);
    iw_bytes_free(&text);
    CHECK(iw_report_junit(report, (const uint8_t *)"ids", 3, &text) == IW_OK && memcmp(text.data, "<?xml", 5) == 0);
    iw_bytes_free(&text);
    CHECK(iw_report_html(report, 1, &text) == IW_OK && memcmp(text.data, "<!", 2) == 0);
    iw_bytes_free(&text);

    struct ArrowArrayStream data = produce(&whole), rows;
    struct ArrowArray batch;
    CHECK(iw_report_failing(report, &data, 3, 10, NULL, NULL, &rows) == IW_OK && data.release == NULL);
    iw_report_free(report); /* the stream lives on its own */
    CHECK(rows.get_next(&rows, &batch) == 0 && batch.length == 1 && batch.n_children == 3);
    CHECK(((const int64_t *)batch.children[0]->buffers[1])[batch.children[0]->offset] == 3);
    batch.release(&batch);
    rows.release(&rows);
    iw_rules_free(rules);
    iw_report_free(NULL);
    iw_rules_free(NULL);
}

static void refused(void) {
    iw_rules *rules = NULL;
    static const char wrong[] = "[[rules]]\nrule = \"uniqe\"\n";
    CHECK(iw_rules_new((const uint8_t *)wrong, sizeof wrong - 1, 1, (const uint8_t *)"a.toml", 6, &rules) == IW_INVALID);
    CHECK(failed_with("a.toml line 2: rules[0].rule must be one of") && failed_with("did you mean \"unique\"?"));
    CHECK(iw_rules_new((const uint8_t *)"[\xff]", 3, 0, NULL, 0, &rules) == IW_INVALID && failed_with("rules is not UTF-8 at byte 1"));
    CHECK(iw_rules_new(NULL, 0, 0, NULL, 0, NULL) == IW_INVALID && failed_with("out must not be NULL"));

    rules = parsed(TEXT);
    struct ArrowArrayStream data = produce(&whole);
    iw_report *report = NULL;
    iw_validation *made = NULL;
    CHECK(iw_frames_validate(&data, rules, NULL, NULL, NULL, 0, small, &asked, NULL, NULL, &report) == IW_INVALID && failed_with("frame \"known\" was not given"));
    data = produce(&whole);
    CHECK(iw_frames_validate(&data, rules, NULL, NULL, NULL, 1, small, &asked, NULL, NULL, &report) == IW_INVALID && failed_with("frames must not be NULL"));
    data = produce(&whole);
    CHECK(iw_frames_validate(&data, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, &report) == IW_INVALID && failed_with("rules must not be NULL"));
    CHECK(data.release == NULL);
    CHECK(iw_frames_validation(NULL, rules, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, &made) == IW_INVALID && failed_with("data must not be NULL"));
    iw_rules *custom = parsed("[{\"rule\": \"custom\"}]");
    data = produce(&whole);
    CHECK(iw_frames_validation(&data, custom, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, &made) == IW_INVALID && failed_with("it needs a function"));
    data = produce(&whole);
    CHECK(iw_frames_validation(&data, custom, NULL, NULL, NULL, 0, refuses, NULL, NULL, NULL, NULL, &made) == IW_CANCELLED);
    CHECK(data.release == NULL);
    iw_rules_free(custom);
    iw_rules_free(rules);
    CHECK(iw_report_json(NULL, NULL) == IW_INVALID && failed_with("report must not be NULL"));
}

static void pieces(void) {
    iw_rules *rules = parsed(TEXT);
    asked = 0;
    const iw_validation *parts[2] = {state(&head, rules), state(&tail, rules)};
    CHECK(asked == 2);
    iw_validation *sent[2], *merged = NULL;
    for (int at = 0; at < 2; at++) {
        iw_bytes bytes;
        CHECK(iw_validation_to_bytes(parts[at], &bytes) == IW_OK);
        CHECK(iw_validation_from_bytes(bytes.data, bytes.len, &sent[at]) == IW_OK);
        iw_validation *none = NULL;
        for (size_t end = 0; end < bytes.len; end++)
            CHECK(iw_validation_from_bytes(bytes.data, end, &none) == IW_INVALID && none == NULL);
        ((uint8_t *)bytes.data)[bytes.len / 2] ^= 1;
        CHECK(iw_validation_from_bytes(bytes.data, bytes.len, &none) == IW_INVALID && failed_with("its checksum does not fit"));
        iw_bytes_free(&bytes);
    }
    const iw_validation *mixed[2] = {sent[0], parts[1]};
    CHECK(iw_validations_merge(mixed, 2, &merged) == IW_OK);
    iw_bytes json, expected;
    CHECK(iw_validation_json(merged, &json) == IW_OK);
    static const char begins[] = "{\"rows\":4,\"now\":\"2024-05-01T12:00:00";
    CHECK(memcmp(json.data, begins, sizeof begins - 1) == 0);
    iw_bytes_free(&json);

    iw_report *report = NULL, *whole_report = reported(rules);
    CHECK(iw_validation_report(merged, NULL, NULL, &report) == IW_OK);
    CHECK(iw_report_json(report, &json) == IW_OK && iw_report_json(whole_report, &expected) == IW_OK);
    CHECK(same(&json, &expected));
    for (int64_t rule = IW_ALL_RULES; rule < 5; rule++) {
        CHECK(iw_report_mask(report, rule, &json) == IW_OK && iw_report_mask(whole_report, rule, &expected) == IW_OK);
        CHECK(same(&json, &expected));
    }
    iw_validation *at_once = state(&whole, rules);
    CHECK(iw_validation_to_bytes(merged, &json) == IW_OK && iw_validation_to_bytes(at_once, &expected) == IW_OK);
    CHECK(same(&json, &expected));

    iw_rules *others = parsed("[{\"rule\": \"not_null\", \"columns\": [\"id\"]}]");
    struct ArrowArrayStream data = produce(&tail);
    iw_validation *other = NULL;
    CHECK(iw_frames_validation(&data, others, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, &other) == IW_OK);
    const iw_validation *unlike[3] = {merged, parts[0], other}, *holes[2] = {merged, NULL};
    iw_validation *none = NULL;
    CHECK(iw_validations_merge(unlike, 3, &none) == IW_INVALID && failed_with("states[2] must be of the same rules"));
    CHECK(iw_validations_merge(holes, 2, &none) == IW_INVALID && failed_with("states must not be NULL"));
    CHECK(iw_validations_merge(NULL, 0, &none) == IW_INVALID && failed_with("at least one state"));
    CHECK(iw_validation_report(NULL, NULL, NULL, &report) == IW_INVALID && failed_with("state must not be NULL"));

    iw_validation_free(other);
    iw_rules_free(others);
    iw_validation_free(at_once);
    iw_report_free(report);
    iw_report_free(whole_report);
    iw_validation_free(merged);
    for (int at = 0; at < 2; at++) {
        iw_validation_free(sent[at]);
        iw_validation_free((iw_validation *)(uintptr_t)parts[at]);
    }
    iw_validation_free(NULL);
    iw_rules_free(rules);
}

int main(void) {
    rules_and_reports();
    refused();
    pieces();
    puts("frames_validate ok");
    return 0;
}
