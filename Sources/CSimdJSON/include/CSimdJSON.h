#pragma once
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

/// What a token is. A number that neither Int64 nor Double holds exactly keeps only its text (SCV_JSON_NUMBER).
enum scv_json_kind {
  SCV_JSON_NULL = 0, SCV_JSON_FALSE, SCV_JSON_TRUE, SCV_JSON_INT, SCV_JSON_DOUBLE, SCV_JSON_NUMBER,
  SCV_JSON_STRING, SCV_JSON_KEY, SCV_JSON_ARRAY, SCV_JSON_OBJECT
};

/// One token of a parsed document, in document order. `text` is the unescaped string, the number as written, or the
/// whole source text of an array or object. `next` is the index of the token behind this value (for a key: its value's
/// index plus nothing; keys stand before their values). `count` is the number of elements or members.
/// All pointers live until the next parse by the same parser, or the end of the input buffer.
typedef struct scv_json_token {
  uint8_t kind;
  uint32_t length;
  uint32_t next;
  uint32_t count;
  const char *text;
  union { int64_t integer; double real; } value;
} scv_json_token;

typedef struct scv_json_parser scv_json_parser;
scv_json_parser *scv_json_parser_new(void);
void scv_json_parser_free(scv_json_parser *parser);

/// Parse one document of `length` bytes. `capacity` is how many bytes from `data` on may be read (64 more than `length`
/// avoids a copy). Returns 0, or an error code whose text scv_json_error gives; then `*error_offset` is where, if known.
int scv_json_parse(scv_json_parser *parser, const char *data, size_t length, size_t capacity,
                   const scv_json_token **tokens, size_t *count, size_t *error_offset);
const char *scv_json_error(int code);

#ifdef __cplusplus
}
#endif
