#include "CSimdJSON.h"
#include <simdjson.h>
#include <charconv>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>
using namespace simdjson;

// simdjson's first stage (structural characters, UTF-8 validation) and its string unescaping, with a second stage of our
// own: the library's own second stage refuses integers past 64 bits and forgets how a decimal was written, and a
// warehouse must keep both (a Stripe amount or an order number is not to be rounded).

struct scv_json_parser {
  std::unique_ptr<internal::dom_parser_implementation> implementation;
  std::vector<scv_json_token> tokens;
  std::vector<uint32_t> open;
  std::unique_ptr<uint8_t[]> strings;
  size_t strings_capacity = 0;
  std::string padded;
};

namespace {

constexpr size_t max_depth = 512;

// JSON's number grammar (RFC 8259, section 6). Returns the length of the number at `s`, 0 if there is none.
size_t number_length(const char *s, bool &integer, size_t &significant) {
  const char *p = s;
  auto digit = [&] { return *p >= '0' && *p <= '9'; };
  bool leading = true;
  auto digits = [&] {
    for (; digit(); p++) {
      if (*p != '0') leading = false;
      if (!leading) significant++;
    }
  };
  integer = true;
  significant = 0;
  if (*p == '-') p++;
  if (!digit()) return 0;
  if (*p == '0') p++;
  else digits();
  if (*p == '.') {
    integer = false;
    p++;
    if (!digit()) return 0;
    digits();
  }
  if (*p == 'e' || *p == 'E') {
    integer = false;
    p++;
    if (*p == '+' || *p == '-') p++;
    if (!digit()) return 0;
    while (digit()) p++;
  }
  return static_cast<size_t>(p - s);
}

bool ends_scalar(char c) {
  return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == 0 || c == ':';
}

error_code read_number(const char *at, const char *end, scv_json_token &token) {
  bool integer;
  size_t significant;
  size_t length = number_length(at, integer, significant);
  if (length == 0 || at + length > end || (at + length < end && !ends_scalar(at[length]))) return NUMBER_ERROR;
  token.kind = SCV_JSON_NUMBER;
  token.text = at;
  token.length = static_cast<uint32_t>(length);
  if (integer) {
    int64_t value;
    auto result = std::from_chars(at, at + length, value);
    if (result.ec == std::errc() && !(value == 0 && *at == '-')) {
      token.kind = SCV_JSON_INT;
      token.value.integer = value;
    }
    return SUCCESS;
  }
  double value;
  auto result = std::from_chars(at, at + length, value);
  if (result.ec != std::errc() || !std::isfinite(value)) return SUCCESS;
  // Up to 15 significant digits survive a Double (IEEE 754); longer ones only if they are its shortest form.
  bool exact = significant <= 15;
  if (!exact) {
    char shortest[40];
    auto printed = std::to_chars(shortest, shortest + sizeof shortest, value);
    exact = std::string_view(shortest, printed.ptr - shortest) == std::string_view(at, length);
  }
  if (exact) {
    token.kind = SCV_JSON_DOUBLE;
    token.value.real = value;
  }
  return SUCCESS;
}

error_code read_atom(const char *at, const char *end, const char *word, uint8_t kind, error_code error, scv_json_token &token) {
  size_t length = strlen(word);
  if (at + length > end || memcmp(at, word, length) != 0 || (at + length < end && !ends_scalar(at[length]))) return error;
  token.kind = kind;
  token.text = at;
  token.length = static_cast<uint32_t>(length);
  return SUCCESS;
}

} // namespace

extern "C" scv_json_parser *scv_json_parser_new(void) { return new scv_json_parser(); }
extern "C" void scv_json_parser_free(scv_json_parser *parser) { delete parser; }
extern "C" const char *scv_json_error(int code) { return simdjson::error_message(static_cast<error_code>(code)); }

extern "C" int scv_json_parse(scv_json_parser *p, const char *data, size_t length, size_t capacity,
                              const scv_json_token **tokens, size_t *count, size_t *error_offset) {
  *tokens = nullptr;
  *count = 0;
  *error_offset = 0;
  if (length >= 0xFFFFFFFFu - SIMDJSON_PADDING) return CAPACITY;
  if (capacity < length + SIMDJSON_PADDING) {
    p->padded.resize(length + SIMDJSON_PADDING);
    memcpy(&p->padded[0], data, length);
    memset(&p->padded[length], ' ', SIMDJSON_PADDING);
    data = p->padded.data();
  }
  if (!p->implementation) {
    if (auto error = get_active_implementation()->create_dom_parser_implementation(length > 4096 ? length : 4096, 16, p->implementation)) return error;
  } else if (p->implementation->capacity() < length) {
    if (auto error = p->implementation->allocate(length + length / 2, 16)) return error;
  }
  if (p->strings_capacity < length + SIMDJSON_PADDING) {
    p->strings_capacity = length + length / 2 + 4 * SIMDJSON_PADDING;
    p->strings.reset(new uint8_t[p->strings_capacity]);
  }
  if (auto error = p->implementation->stage1(reinterpret_cast<const uint8_t *>(data), length, stage1_mode::regular)) return error;

  const uint32_t *index = p->implementation->structural_indexes.get();
  const uint32_t *last = index + p->implementation->n_structural_indexes;
  const char *end = data + length;
  uint8_t *arena = p->strings.get();
  auto &out = p->tokens;
  auto &open = p->open;
  out.clear();
  open.clear();

  enum { want_value, want_value_or_end, want_key, want_key_or_end, want_colon, want_comma_or_end, done } state = want_value;
  auto fail = [&](error_code error, size_t offset) {
    *error_offset = offset;
    return static_cast<int>(error);
  };
  auto string = [&](const char *at, uint8_t kind) {
    uint8_t *from = arena;
    uint8_t *to = p->implementation->parse_string(reinterpret_cast<const uint8_t *>(at) + 1, arena);
    if (!to) return false;
    arena = to;
    scv_json_token token{};
    token.kind = kind;
    token.text = reinterpret_cast<const char *>(from);
    token.length = static_cast<uint32_t>(to - from);
    token.next = static_cast<uint32_t>(out.size() + 1);
    out.push_back(token);
    return true;
  };
  auto after_value = [&] { state = open.empty() ? done : want_comma_or_end; };
  auto close = [&](const char *at) {
    auto &container = out[open.back()];
    container.next = static_cast<uint32_t>(out.size());
    container.length = static_cast<uint32_t>(at + 1 - container.text);
    open.pop_back();
    after_value();
  };

  for (; index < last; index++) {
    const char *at = data + *index;
    char c = *at;
    switch (state) {
    case want_key_or_end:
      if (c == '}') { close(at); break; }
      [[fallthrough]];
    case want_key:
      if (c != '"') return fail(TAPE_ERROR, *index);
      if (!string(at, SCV_JSON_KEY)) return fail(STRING_ERROR, *index);
      state = want_colon;
      break;
    case want_colon:
      if (c != ':') return fail(TAPE_ERROR, *index);
      state = want_value;
      break;
    case want_comma_or_end: {
      bool object = out[open.back()].kind == SCV_JSON_OBJECT;
      if (c == ',') state = object ? want_key : want_value;
      else if (c == (object ? '}' : ']')) close(at);
      else return fail(TAPE_ERROR, *index);
      break;
    }
    case want_value_or_end:
      if (c == ']') { close(at); break; }
      [[fallthrough]];
    case want_value: {
      if (!open.empty() && (out[open.back()].kind == SCV_JSON_ARRAY || out[open.back()].kind == SCV_JSON_OBJECT)) out[open.back()].count++;
      if (c == '"') {
        if (!string(at, SCV_JSON_STRING)) return fail(STRING_ERROR, *index);
        after_value();
        break;
      }
      scv_json_token token{};
      token.next = static_cast<uint32_t>(out.size() + 1);
      if (c == '{' || c == '[') {
        if (open.size() >= max_depth) return fail(DEPTH_ERROR, *index);
        token.kind = c == '{' ? SCV_JSON_OBJECT : SCV_JSON_ARRAY;
        token.text = at;
        open.push_back(static_cast<uint32_t>(out.size()));
        out.push_back(token);
        state = c == '{' ? want_key_or_end : want_value_or_end;
        break;
      }
      error_code error;
      switch (c) {
      case 't': error = read_atom(at, end, "true", SCV_JSON_TRUE, T_ATOM_ERROR, token); break;
      case 'f': error = read_atom(at, end, "false", SCV_JSON_FALSE, F_ATOM_ERROR, token); break;
      case 'n': error = read_atom(at, end, "null", SCV_JSON_NULL, N_ATOM_ERROR, token); break;
      default:
        if (c != '-' && (c < '0' || c > '9')) return fail(TAPE_ERROR, *index);
        error = read_number(at, end, token);
      }
      if (error) return fail(error, *index);
      out.push_back(token);
      after_value();
      break;
    }
    case done: return fail(TAPE_ERROR, *index);
    }
  }
  if (state != done) return fail(open.empty() ? EMPTY : INCOMPLETE_ARRAY_OR_OBJECT, length);
  *tokens = out.data();
  *count = out.size();
  return 0;
}
