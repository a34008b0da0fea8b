import ConnectorKit
import DataFormats
import Diagnostics

/// What a user says about one stream of files.
struct FileStreamOptions {
  /// How the records are written.
  enum Format: String, CaseIterable {
    case auto
    case csv
    case json
    case jsonl
  }

  /// What becomes of a line that is no record.
  enum ErrorPolicy: String, CaseIterable {
    case fail
    case skip
  }

  static let fields = [
    ConfigField("name", title: "Name", "The name of the stream.", isRequired: true),
    ConfigField(
      "path", title: "Path",
      "A file, a folder (everything below it), a pattern (* and ? within a name, ** across folders), or an http(s) address of a file or of a folder that lists its files.",
      isRequired: true, examples: ["data/customers.csv", "logs/**/*.jsonl.gz", "https://example.com/files/"]),
    ConfigField("pattern", title: "Pattern", "Which files of a folder belong to the stream, by name.", examples: ["events-*.jsonl.gz"]),
    ConfigField(
      "format", .choice(Format.allCases.map(\.rawValue)), title: "Format", "How records are written; auto tells by the file's name.", standard: "auto"),
    ConfigField("primary_key", .list(.string), title: "Primary key", "The columns that identify a record. Not set, file and line do."),
    ConfigField("delimiter", title: "Delimiter", "CSV: what stands between two fields, \\t for a tab. Not set, it is found out.", examples: [";"]),
    ConfigField("quote", title: "Quote", "CSV: what wraps fields; empty for nothing.", standard: "\""),
    ConfigField("header", .boolean, title: "Header", "CSV: whether the first line names the columns.", standard: true),
    ConfigField("columns", .list(.string), title: "Columns", "CSV: the names of the columns, where no header tells them."),
    ConfigField(
      "encoding", .choice(TextEncoding.allCases.map(\.rawValue)), title: "Encoding",
      "How text is written; auto is UTF-8, or UTF-16 where the file begins so, and a file that is neither is refused.",
      standard: "auto"),
    ConfigField(
      "null_values", .list(.string), title: "Null values", "CSV: unquoted fields that stand for no value.", standard: [""], examples: [["", "NULL"]]),
    ConfigField(
      "schema", .map(.choice(ColumnType.names)), title: "Types", "The types of columns, where they should not be found out.",
      examples: [["postal_code": "string"]]),
    ConfigField(
      "on_error", .choice(ErrorPolicy.allCases.map(\.rawValue)), title: "On error",
      "What to do with a line that is no record: fail stops the stream there; skip sets the line aside, with a warning that names file and line.",
      standard: "fail"),
  ]

  let name: String
  let path: String
  let pattern: String?
  let format: Format
  let primaryKey: [String]
  let csv: CSVFormat
  /// Whether the delimiter is to be found out.
  let detectsDelimiter: Bool
  let columns: [String]
  let encoding: TextEncoding
  let nullValues: [[UInt8]]
  let types: [String: ColumnType]
  let onError: ErrorPolicy

  init(_ config: Config) throws {
    name = try config.required("name")
    path = try config.required("path")
    pattern = config.string("pattern")
    format = config.string("format").flatMap { Format(rawValue: $0) } ?? .auto
    primaryKey = config.strings("primary_key")
    columns = config.strings("columns")
    let delimiter = try FileStreamOptions.byte(config, "delimiter")
    detectsDelimiter = delimiter == nil
    csv = CSVFormat(
      delimiter: delimiter ?? UInt8(ascii: ","), quote: try FileStreamOptions.byte(config, "quote"), hasHeader: config.bool("header"))
    encoding = config.string("encoding").flatMap { TextEncoding(rawValue: $0) } ?? .auto
    nullValues = config.strings("null_values").map { Array($0.utf8) }
    types = (config.json["schema"]?.object ?? [:]).reduce(into: [:]) { $0[$1.key] = $1.value.string.flatMap { ColumnType(rawValue: $0) } }
    onError = config.string("on_error").flatMap { ErrorPolicy(rawValue: $0) } ?? .fail
  }

  /// What tells whether files were read in another way: everything but where they are.
  var fingerprint: String {
    let parts: [String] = [
      format.rawValue, "\(csv)", "\(detectsDelimiter)", "\(columns)", encoding.rawValue, "\(nullValues)",
      "\(types.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.rawValue)" })",
      onError.rawValue,
    ]
    // FNV-1a: it only has to differ.
    let hash = parts.joined(separator: "\u{1F}").utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    return String(hash, radix: 16)
  }

  /// How the records of a file are written: as configured, else by its name.
  func format(of file: String) throws -> Format {
    if format != .auto { return format }
    if let format = FileStreamOptions.format(byName: file) { return format }
    throw Diagnostic(
      .configuration, "file.unknown-format", "the name of '\(file)' does not tell its format",
      hint: "set format to csv, json or jsonl in the stream '\(name)'")
  }

  /// The format that a name ends with; nil if it ends with none.
  static func format(byName file: String) -> Format? {
    var name = file.prefix { $0 != "?" && $0 != "#" }.lowercased()
    if name.hasSuffix(".gz") { name.removeLast(3) }
    if name.hasSuffix(".csv") || name.hasSuffix(".tsv") || name.hasSuffix(".txt") { return .csv }
    if name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") || name.hasSuffix(".log") { return .jsonl }
    if name.hasSuffix(".json") { return .json }
    return nil
  }

  private static func byte(_ config: Config, _ name: String) throws -> UInt8? {
    guard let text = config.string(name) else { return nil }
    let plain = text == "\\t" || text == "tab" ? "\t" : text
    guard plain.utf8.count == 1, let byte = plain.utf8.first else {
      throw Diagnostic(
        .configuration, "config.bad-value", "'\(name)' is '\(text)', which is not a single ASCII character",
        at: SourceLocation(subject: "stream \(config.string("name") ?? "")"))
    }
    return byte
  }
}
