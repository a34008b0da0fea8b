// A source of the Airbyte protocol that costs next to nothing: orders of eight columns, and a state every 10,000 of them.
//   emitter spec | check | discover | read …    with EMITTER_RECORDS, EMITTER_FIRST (the first id), EMITTER_SPREAD (ids are spread over so
//   many numbers, in no order), EMITTER_USAGE (a file for its own CPU seconds)
//   emitter lines                       the same records as plain NDJSON
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char buffer[1 << 20];
static size_t used;

static void flush(void) {
  size_t at = 0;
  while (at < used) {
    ssize_t count = write(1, buffer + at, used - at);
    if (count <= 0) exit(1);
    at += (size_t)count;
  }
  used = 0;
}

static void text(const char *bytes) {
  size_t count = strlen(bytes);
  memcpy(buffer + used, bytes, count);
  used += count;
}

static void number(unsigned long value, int digits) {
  char reversed[24];
  int count = 0;
  do reversed[count++] = (char)('0' + value % 10);
  while (value /= 10);
  while (count < digits) reversed[count++] = '0';
  while (count) buffer[used++] = reversed[--count];
}

static long setting(const char *name, long otherwise) {
  const char *value = getenv(name);
  return value ? atol(value) : otherwise;
}

static void order(unsigned long id, unsigned long version) {
  static const char *const currencies[] = {"EUR", "USD", "GBP", "JPY"};
  unsigned long dice = id * 2654435761u;
  text("{\"id\":");
  number(id, 1);
  text(",\"customer\":\"cus_");
  number(dice % 9999991, 10);
  text("\",\"email\":\"customer.");
  number(dice % 9999991, 1);
  text("@example.test\",\"amount\":");
  number(dice % 90000, 1);
  buffer[used++] = '.';
  number(dice % 100, 2);
  text(",\"currency\":\"");
  text(currencies[dice % 4]);
  text(dice & 8 ? "\",\"paid\":true,\"note\":null,\"updated_at\":\"" : "\",\"paid\":false,\"note\":\"to be delivered to the neighbours\",\"updated_at\":\"");
  text("2024-");
  number(1 + version / 2419200 % 12, 2);
  buffer[used++] = '-';
  number(1 + version / 86400 % 28, 2);
  buffer[used++] = 'T';
  number(version / 3600 % 24, 2);
  buffer[used++] = ':';
  number(version / 60 % 60, 2);
  buffer[used++] = ':';
  number(version % 60, 2);
  text("Z\"}");
}

static void discover(void) {
  text("{\"type\":\"CATALOG\",\"catalog\":{\"streams\":[{\"name\":\"orders\",\"supported_sync_modes\":[\"full_refresh\",\"incremental\"],"
       "\"source_defined_cursor\":true,\"default_cursor_field\":[\"updated_at\"],\"source_defined_primary_key\":[[\"id\"]],"
       "\"json_schema\":{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"integer\"},\"customer\":{\"type\":\"string\"},"
       "\"email\":{\"type\":\"string\"},\"amount\":{\"type\":\"number\"},\"currency\":{\"type\":\"string\"},\"paid\":{\"type\":\"boolean\"},"
       "\"note\":{\"type\":[\"null\",\"string\"]},\"updated_at\":{\"type\":\"string\",\"format\":\"date-time\"}}}}]}}\n");
}

int main(int argc, char **argv) {
  const char *verb = argc > 1 ? argv[1] : "";
  if (!strcmp(verb, "spec")) text("{\"type\":\"SPEC\",\"spec\":{\"connectionSpecification\":{\"type\":\"object\"}}}\n");
  if (!strcmp(verb, "check")) text("{\"type\":\"CONNECTION_STATUS\",\"connectionStatus\":{\"status\":\"SUCCEEDED\"}}\n");
  if (!strcmp(verb, "discover")) discover();
  int messages = !strcmp(verb, "read");
  if (messages || !strcmp(verb, "lines")) {
    unsigned long count = (unsigned long)setting("EMITTER_RECORDS", 1000000), first = (unsigned long)setting("EMITTER_FIRST", 0);
    unsigned long spread = (unsigned long)setting("EMITTER_SPREAD", 0);
    for (unsigned long index = 0; index < count; index++) {
      if (messages) text("{\"type\":\"RECORD\",\"record\":{\"stream\":\"orders\",\"data\":");
      order(first + (spread ? index * 1048583 % spread : index), first + index + spread);
      if (messages) {
        text(",\"emitted_at\":");
        number(1700000000000 + index / 100, 13);
        text("}}");
      }
      text("\n");
      if (messages && (index % 10000 == 9999 || index + 1 == count)) {
        text("{\"type\":\"STATE\",\"state\":{\"type\":\"STREAM\",\"stream\":{\"stream_descriptor\":{\"name\":\"orders\"},\"stream_state\":{\"n\":");
        number(index + 1, 1);
        text("}}}}\n");
      }
      if (used > sizeof buffer - 4096) flush();
    }
    if (messages) text("{\"type\":\"TRACE\",\"trace\":{\"type\":\"STREAM_STATUS\",\"emitted_at\":1,\"stream_status\":{\"stream_descriptor\":"
                       "{\"name\":\"orders\"},\"status\":\"COMPLETE\"}}}\n");
  }
  flush();
  const char *file = getenv("EMITTER_USAGE");
  if (messages && file) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    FILE *out = fopen(file, "w");
    if (out) {
      fprintf(out, "%f\n", usage.ru_utime.tv_sec + usage.ru_utime.tv_usec / 1e6 + usage.ru_stime.tv_sec + usage.ru_stime.tv_usec / 1e6);
      fclose(out);
    }
  }
  return 0;
}
