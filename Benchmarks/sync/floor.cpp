// floor FILE < messages: the least that loading the emitter's records can cost: simdjson and bound inserts, without journal, checkpoints,
// schema, or columns of our own. Nothing that survives a crash can be faster.
#include <cstdio>
#include <cstring>
#include <simdjson.h>
#include <sqlite3.h>
#include <string>
#include <unistd.h>
using namespace simdjson;

int main(int, char **arguments) {
  sqlite3 *database;
  sqlite3_stmt *insert;
  sqlite3_open(arguments[1], &database);
  sqlite3_exec(
      database,
      "pragma journal_mode=off; pragma synchronous=off; pragma locking_mode=exclusive; pragma cache_size=-65536; begin;"
      "create table orders (id integer, customer text, email text, amount numeric, currency text, paid integer, note text, updated_at text)",
      nullptr, nullptr, nullptr);
  sqlite3_prepare_v2(database, "insert into orders values (?,?,?,?,?,?,?,?)", -1, &insert, nullptr);
  const size_t size = 4 << 20;
  std::string buffer(size + SIMDJSON_PADDING, '\0');
  dom::parser parser;
  size_t used = 0;
  long rows = 0;
  for (ssize_t count; (count = read(0, &buffer[used], size - used)) > 0;) {
    used += count;
    char *line = &buffer[0], *end = line + used;
    for (char *stop; (stop = static_cast<char *>(memchr(line, '\n', end - line))); line = stop + 1) {
      dom::element data;
      if (parser.parse(line, stop - line, false)["record"]["data"].get(data)) continue;
      int place = 0;
      for (auto field : dom::object(data)) {
        place++;
        switch (field.value.type()) {
        case dom::element_type::STRING: {
          std::string_view text = field.value;
          sqlite3_bind_text(insert, place, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
          break;
        }
        case dom::element_type::INT64: sqlite3_bind_int64(insert, place, int64_t(field.value)); break;
        case dom::element_type::DOUBLE: sqlite3_bind_double(insert, place, double(field.value)); break;
        case dom::element_type::BOOL: sqlite3_bind_int64(insert, place, bool(field.value)); break;
        default: sqlite3_bind_null(insert, place);
        }
      }
      sqlite3_step(insert);
      sqlite3_reset(insert);
      rows++;
    }
    used = end - line;
    memmove(&buffer[0], line, used);
  }
  sqlite3_finalize(insert);
  sqlite3_exec(database, "commit", nullptr, nullptr, nullptr);
  sqlite3_close(database);
  fprintf(stderr, "%ld rows\n", rows);
}
