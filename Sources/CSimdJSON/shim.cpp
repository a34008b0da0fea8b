#include "CSimdJSON.h"
#include <simdjson.h>
#include <charconv>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>
#ifdef __SSE2__
#include <emmintrin.h>
#endif
using namespace simdjson;

// simdjson's first stage (structural characters, UTF-8 validation) and its string unescaping, with a second stage of our
// own: the library's own second stage refuses integers past 64 bits and forgets how a decimal was written, and a
// warehouse must keep both (a Stripe amount or an order number is not to be rounded).

struct scv_json_parser {
  std::unique_ptr<internal::dom_parser_implementation> implementation;
  std::unique_ptr<scv_json_token[]> tokens;
  size_t tokens_capacity = 0;
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

// How many bytes from `s` on are neither a quote nor a backslash. The first stage has made sure that there is one, or the padding ends it.
size_t plain_length(const char *s) {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
  for (size_t at = 0;; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i *>(s + at));
    const int found = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)));
    if (found) return at + static_cast<size_t>(__builtin_ctz(static_cast<unsigned>(found)));
  }
#else
  size_t at = 0;
  while (s[at] != '"' && s[at] != '\\') at++;
  return at;
#endif
}

bool ends_scalar(char c) {
  return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == 0 || c == ':';
}

// A decimal of at most 15 digits without an exponent: both its digits and the power of ten are exact as doubles, so that one division
// rounds correctly (Clinger, "How to read floating point numbers accurately", 1990).
bool short_decimal(const char *at, size_t length, double &value) {
  static constexpr double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  bool negative = *at == '-';
  size_t position = negative ? 1 : 0;
  if (length - position > 16) return false;
  uint64_t digits = 0;
  size_t decimals = 0;
  bool behind_point = false;
  for (; position < length; position++) {
    char c = at[position];
    if (c == '.') behind_point = true;
    else if (c < '0' || c > '9') return false;
    else {
      digits = digits * 10 + static_cast<uint64_t>(c - '0');
      decimals += behind_point;
    }
  }
  double magnitude = static_cast<double>(digits) / powers[decimals];
  value = negative ? -magnitude : magnitude;
  return true;
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
  if (short_decimal(at, length, value)) {
    token.kind = SCV_JSON_DOUBLE;
    token.value.real = value;
    return SUCCESS;
  }
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
  // There are no more tokens than structural characters.
  if (p->tokens_capacity < p->implementation->n_structural_indexes) {
    p->tokens_capacity = p->implementation->n_structural_indexes + p->implementation->n_structural_indexes / 2 + 64;
    p->tokens.reset(new scv_json_token[p->tokens_capacity]);
  }
  scv_json_token *const out = p->tokens.get();
  uint32_t size = 0;
  auto &open = p->open;
  open.clear();

  enum { want_value, want_value_or_end, want_key, want_key_or_end, want_colon, want_comma_or_end, done } state = want_value;
  auto fail = [&](error_code error, size_t offset) {
    *error_offset = offset;
    return static_cast<int>(error);
  };
  auto add = [&](uint8_t kind, const char *text, size_t length) {
    scv_json_token &token = out[size++];
    token.kind = kind;
    token.length = static_cast<uint32_t>(length);
    token.next = size;
    token.count = 0;
    token.text = text;
  };
  auto string = [&](const char *at, uint8_t kind) {
    // Most strings have nothing escaped, and stay where they are.
    const char *from = at + 1;
    size_t length = plain_length(from);
    if (from[length] == '"') {
      add(kind, from, length);
      return true;
    }
    uint8_t *to = p->implementation->parse_string(reinterpret_cast<const uint8_t *>(from), arena);
    if (!to) return false;
    add(kind, reinterpret_cast<const char *>(arena), static_cast<size_t>(to - arena));
    arena = to;
    return true;
  };
  // The innermost open container; null outside.
  scv_json_token *container = nullptr;
  auto after_value = [&] { state = container ? want_comma_or_end : done; };
  auto close = [&](const char *at) {
    container->next = size;
    container->length = static_cast<uint32_t>(at + 1 - container->text);
    open.pop_back();
    container = open.empty() ? nullptr : out + open.back();
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
      bool object = container->kind == SCV_JSON_OBJECT;
      if (c == ',') state = object ? want_key : want_value;
      else if (c == (object ? '}' : ']')) close(at);
      else return fail(TAPE_ERROR, *index);
      break;
    }
    case want_value_or_end:
      if (c == ']') { close(at); break; }
      [[fallthrough]];
    case want_value: {
      if (container) container->count++;
      if (c == '"') {
        if (!string(at, SCV_JSON_STRING)) return fail(STRING_ERROR, *index);
        after_value();
        break;
      }
      if (c == '{' || c == '[') {
        if (open.size() >= max_depth) return fail(DEPTH_ERROR, *index);
        open.push_back(size);
        container = out + size;
        add(c == '{' ? SCV_JSON_OBJECT : SCV_JSON_ARRAY, at, 0);
        state = c == '{' ? want_key_or_end : want_value_or_end;
        break;
      }
      scv_json_token &token = out[size];
      token.next = size + 1;
      token.count = 0;
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
      size++;
      after_value();
      break;
    }
    case done: return fail(TAPE_ERROR, *index);
    }
  }
  if (state != done) return fail(open.empty() ? EMPTY : INCOMPLETE_ARRAY_OR_OBJECT, length);
  *tokens = out;
  *count = size;
  return 0;
}
