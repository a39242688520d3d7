/* A file from C: opened, described, streamed as often as asked for, profiled. argv[1] is a scratch folder. */
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

static int holds(iw_bytes *text, const char *part) {
    char *copy = calloc(text->len + 1, 1);
    CHECK(copy);
    memcpy(copy, text->data, text->len);
    int found = strstr(copy, part) != NULL;
    if (!found) fprintf(stderr, "expected \"%s\" in \"%s\"\n", part, copy);
    free(copy);
    iw_bytes_free(text);
    return found;
}

int main(int argc, char **argv) {
    CHECK(argc > 1);
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/table.csv", argv[1]);
    CHECK(n > 0 && (size_t)n < sizeof path);
    FILE *file = fopen(path, "wb");
    CHECK(file && fputs("n;word\n1;a\n;\"b;\"\"c\"\"\"\n", file) >= 0 && fclose(file) == 0);

    const uint8_t *paths[] = {(const uint8_t *)path};
    const size_t sizes[] = {strlen(path)};
    iw_source *source = NULL;
    CHECK(iw_frames_open(paths, sizes, 1, NULL, 0, &source) == IW_OK);

    iw_bytes text;
    CHECK(iw_source_describe(source, &text) == IW_OK && holds(&text, "\"delimiter\":\";\""));
    CHECK(iw_source_describe(source, &text) == IW_OK && holds(&text, "\"types\":[\"int64\",\"string\"]"));

    for (int round = 0; round < 2; round++) {
        struct ArrowArrayStream stream;
        struct ArrowArray batch;
        CHECK(iw_source_stream(source, NULL, NULL, 0, &stream) == IW_OK);
        CHECK(stream.get_next(&stream, &batch) == 0 && batch.length == 2 && batch.n_children == 2);
        CHECK(((const int64_t *)batch.children[0]->buffers[1])[0] == 1 && batch.children[0]->null_count == 1);
        CHECK(memcmp(batch.children[1]->buffers[2], "ab;\"c\"", 6) == 0);
        batch.release(&batch);
        CHECK(stream.get_next(&stream, &batch) == 0 && !batch.release);
        stream.release(&stream);
    }

    /* A stream of ours is taken over as it is, and left released like any other. */
    const uint8_t *names[] = {(const uint8_t *)"word"};
    const size_t name_sizes[] = {4};
    struct ArrowArrayStream stream;
    CHECK(iw_source_stream(source, names, name_sizes, 1, &stream) == IW_OK);
    iw_source_free(source); /* the stream goes on */
    iw_frame *frame = NULL;
    CHECK(iw_frames_read(&stream, NULL, NULL, &frame) == IW_OK && !stream.release);
    uint64_t rows = 0;
    CHECK(iw_frame_rows(frame, &rows) == IW_OK && rows == 2);
    CHECK(iw_frame_columns(frame, &text) == IW_OK && holds(&text, "[{\"name\":\"word\",\"type\":\"string\"}]"));
    iw_frame_free(frame);

    const char *options = "{\"delimiter\": \";\", \"types\": {\"n\": \"date32\"}}";
    CHECK(iw_frames_open(paths, sizes, 1, (const uint8_t *)options, strlen(options), &source) == IW_OK);
    CHECK(iw_source_stream(source, NULL, NULL, 0, &stream) == IW_OK);
    iw_source_free(source);
    CHECK(iw_frames_read(&stream, NULL, NULL, &frame) == IW_INVALID && failed_with("line 2: column \"n\" has \"1\""));

    options = "{\"delimeter\": \";\"}";
    CHECK(iw_frames_open(paths, sizes, 1, (const uint8_t *)options, strlen(options), &source) == IW_INVALID);
    CHECK(failed_with("\"delimeter\" is not known"));
    CHECK(iw_frames_open(NULL, NULL, 1, NULL, 0, &source) == IW_INVALID && failed_with("must not be NULL"));
    CHECK(iw_frames_open(NULL, NULL, 0, NULL, 0, &source) == IW_INVALID && failed_with("at least one file"));
    CHECK(iw_frames_open(paths, sizes, 1, NULL, 0, NULL) == IW_INVALID && failed_with("out"));
    CHECK(remove(path) == 0);
    CHECK(iw_frames_open(paths, sizes, 1, NULL, 0, &source) == IW_IO && iw_last_os_error() != 0);
    CHECK(iw_source_describe(NULL, &text) == IW_INVALID && iw_source_stream(NULL, NULL, NULL, 0, &stream) == IW_INVALID);
    iw_source_free(NULL);
    return 0;
}
