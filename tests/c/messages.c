/* Messages: cut to the caller's buffer, kept by success, and each thread's own. */

#include <ironwheel.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static int failures = 0;

#define CHECK(condition)                                                          \
  do {                                                                            \
    if (!(condition)) {                                                           \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);     \
      failures++;                                                                 \
    }                                                                             \
  } while (0)

/* The message of this thread's latest failure, cut to the caller's buffer and terminated. */
static const char *message(char *buffer, size_t size) {
  size_t length = iw_last_error((uint8_t *)buffer, size - 1);
  buffer[length < size - 1 ? length : size - 1] = '\0';
  return buffer;
}

static void a_message_is_cut_to_the_buffer(void) {
  char text[256], cut[8];
  CHECK(iw_set_threads(1025) == IW_INVALID);
  CHECK(strstr(message(text, sizeof text), "threads") == text);
  CHECK(strstr(text, "1025") != NULL);
  CHECK(iw_last_error(NULL, 0) == strlen(text));
  memset(cut, '#', sizeof cut);
  CHECK(iw_last_error((uint8_t *)cut, 4) == strlen(text));
  CHECK(memcmp(cut, "thre####", sizeof cut) == 0); /* what fits, and not a byte more */
}

static void success_leaves_the_message_alone(void) {
  char before[256], after[256];
  CHECK(iw_set_threads(4096) == IW_INVALID);
  message(before, sizeof before);
  CHECK(iw_set_threads(0) == IW_OK);
  iw_bytes_free(NULL);
  CHECK(strcmp(before, message(after, sizeof after)) == 0);
}

struct expectation {
  size_t count;
  int kept;
};

static void *fails_in_its_own_way(void *given) {
  struct expectation *mine = given;
  char text[256], number[32];
  snprintf(number, sizeof number, "%zu", mine->count);
  mine->kept = 1;
  for (int turn = 0; turn < 200; turn++) {
    if (iw_set_threads(mine->count) != IW_INVALID || strstr(message(text, sizeof text), number) == NULL) {
      mine->kept = 0;
    }
  }
  return NULL;
}

static void every_thread_keeps_its_own_error(void) {
  enum { THREADS = 4 };
  pthread_t threads[THREADS];
  struct expectation expected[THREADS];
  for (size_t i = 0; i < THREADS; i++) {
    expected[i].count = 5000 + i;
    expected[i].kept = 0;
    CHECK(pthread_create(&threads[i], NULL, fails_in_its_own_way, &expected[i]) == 0);
  }
  for (size_t i = 0; i < THREADS; i++) {
    CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(expected[i].kept);
  }
}

int main(void) {
  a_message_is_cut_to_the_buffer();
  success_leaves_the_message_alone();
  every_thread_keeps_its_own_error();
  return failures != 0;
}
