import ConnectorKit
import DataFormats
import Diagnostics

/// Takes a file apart into its records: unpacks, decodes, splits and parses, in constant memory.
final class FileReader {
  /// One record of a file, or why there is none.
  enum Item {
    /// A record of a CSV file; `names` are its columns.
    case row(CSVRow, names: [String])
    /// A record of a JSON file.
    case object(Record)
    /// What stands where a record should be.
    case problem(Diagnostic)
  }

  private let options: FileStreamOptions
  private let entry: FileEntry
  private let format: FileStreamOptions.Format
  private let parser = RecordParser()
  private var gzip: GzipReader?
  private var hasBegun = false
  /// The first bytes, until there are enough to tell what kind of file it is.
  private var first: [UInt8] = []
  private var decoder: TextDecoder
  private var csv: CSVReader?
  private var beginning: [UInt8] = []
  private var lines = LineSplitter()
  private var objects = JSONSplitter()
  private var names: [String] = []
  private var count = 0

  /// How much of a CSV file is looked at to find its delimiter.
  private static let sample = 64 << 10
  private static let tellingBytes = 6
  /// What ends up under a text file's name, by its first bytes.
  private static let unreadable: [(bytes: [UInt8], name: String, hint: String)] = [
    ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive or an Excel workbook", "unpack it, or save the sheet as CSV"),
    ([0xD0, 0xCF, 0x11, 0xE0], "an old Excel workbook", "save the sheet as CSV"),
    ([0x28, 0xB5, 0x2F, 0xFD], "compressed with zstd", "unpack it, or compress it with gzip"),
    ([0x42, 0x5A, 0x68, 0x39], "compressed with bzip2", "unpack it, or compress it with gzip"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "compressed with xz", "unpack it, or compress it with gzip"),
    ([0x50, 0x41, 0x52, 0x31], "a Parquet file", "export it as CSV or JSON lines"),
  ]

  init(_ entry: FileEntry, _ options: FileStreamOptions) throws {
    self.entry = entry
    self.options = options
    format = try options.format(of: entry.url)
    decoder = TextDecoder(options.encoding)
  }

  /// Calls `body` with every record and with what identifies it in its file: its line, in JSON files its number.
  func read(from places: FilePlaces, _ body: (Item, Int) throws -> Void) throws {
    do {
      try places.read(entry) { try unpack($0, body) }
      if !hasBegun, !first.isEmpty { try begin(body) }
      try gzip?.finish()
      try finish(body)
    } catch var problem as Diagnostic where problem.code.hasPrefix("gzip.") || problem.code == "file.not-utf8" {
      problem.location = SourceLocation(file: entry.url)
      throw problem
    }
  }

  private func unpack(_ chunk: UnsafeRawBufferPointer, _ body: (Item, Int) throws -> Void) throws {
    if !hasBegun {
      first.append(contentsOf: chunk)
      if first.count >= FileReader.tellingBytes { try begin(body) }
    } else {
      try unpackFurther(chunk, body)
    }
  }

  /// Finds out by its first bytes what kind of file it is, and begins to read it.
  private func begin(_ body: (Item, Int) throws -> Void) throws {
    hasBegun = true
    let bytes = first
    first = []
    if let kind = FileReader.unreadable.first(where: { bytes.starts(with: $0.bytes) }) {
      throw Diagnostic(
        .configuration, "file.unsupported", "the file is \(kind.name), not text", at: SourceLocation(file: entry.url), hint: kind.hint)
    }
    try bytes.withUnsafeBytes {
      if GzipReader.isGzip($0) { gzip = GzipReader() }
      try unpackFurther($0, body)
    }
  }

  private func unpackFurther(_ chunk: UnsafeRawBufferPointer, _ body: (Item, Int) throws -> Void) throws {
    if let gzip {
      try gzip.read(chunk) { try decode($0, body) }
    } else {
      try decode(chunk, body)
    }
  }

  private func decode(_ chunk: UnsafeRawBufferPointer, _ body: (Item, Int) throws -> Void) throws {
    var decoder = decoder
    defer { self.decoder = decoder }
    try decoder.read(chunk) { try split($0, body) }
  }

  private func split(_ chunk: UnsafeRawBufferPointer, _ body: (Item, Int) throws -> Void) throws {
    switch format {
    case .csv, .auto:
      if csv != nil { return try readCSV(chunk, body) }
      beginning.append(contentsOf: chunk)
      if beginning.count >= FileReader.sample { try beginCSV(body) }
    case .jsonl: try lines.read(chunk) { try parse($0, $1, body) }
    case .json: try objects.read(chunk) { try parseNext($0, $1, body) }
    }
  }

  private func finish(_ body: (Item, Int) throws -> Void) throws {
    switch format {
    case .csv, .auto:
      if csv == nil { try beginCSV(body) }
      try withCSV { reader in try reader.finish { try hand($0, body) } }
    case .jsonl: try lines.finish { try parse($0, $1, body) }
    case .json: try objects.finish { try parseNext($0, $1, body) }
    }
  }

  private func beginCSV(_ body: (Item, Int) throws -> Void) throws {
    let bytes = beginning
    beginning = []
    let isTabs = entry.url.lowercased().contains(".tsv")
    var format = options.csv
    if options.detectsDelimiter && isTabs { format.delimiter = UInt8(ascii: "\t") }
    if options.detectsDelimiter && !isTabs { format = bytes.withUnsafeBytes { options.csv.detectingDelimiter(in: $0) } }
    csv = CSVReader(format)
    try bytes.withUnsafeBytes { try readCSV($0, body) }
  }

  private func readCSV(_ chunk: UnsafeRawBufferPointer, _ body: (Item, Int) throws -> Void) throws {
    try withCSV { reader in try reader.read(chunk) { try hand($0, body) } }
  }

  private func withCSV(_ body: (inout CSVReader) throws -> Void) throws {
    guard var reader = csv else { return }
    // The only reference: its buffers change in place.
    csv = nil
    defer { csv = reader }
    try body(&reader)
  }

  private func hand(_ row: CSVRow, _ body: (Item, Int) throws -> Void) throws {
    if names.isEmpty { names = FileReader.columns(row.header, configured: options.columns, count: row.count) }
    if let problem = row.problem {
      try body(.problem(problem.diagnostic(file: entry.url, line: row.line)), row.line)
    } else {
      try body(.row(row, names: names), row.line)
    }
  }

  private func parseNext(_ bytes: UnsafeRawBufferPointer, _ line: Int, _ body: (Item, Int) throws -> Void) throws {
    count += 1
    try parse(bytes, line, number: count, body)
  }

  private func parse(_ bytes: UnsafeRawBufferPointer, _ line: Int, number: Int? = nil, _ body: (Item, Int) throws -> Void) throws {
    var isParsed = false
    do {
      try parser.parse(bytes) { record in
        isParsed = true
        try body(.object(record), number ?? line)
      }
    } catch var problem as Diagnostic where !isParsed {
      problem.location = SourceLocation(file: entry.url, line: line + (problem.location?.line ?? 1) - 1, column: problem.location?.column)
      problem.window = nil
      try body(.problem(problem), number ?? line)
    }
  }

  /// The names of the columns: as configured, as the header has them, else `column_1` and so on. What is empty or there twice
  /// gets its number.
  private static func columns(_ header: [String]?, configured: [String], count: Int) -> [String] {
    let given = configured.isEmpty ? header ?? [] : configured
    var names: [String] = []
    for index in 0..<max(count, given.count) {
      var name = index < given.count ? given[index].split(whereSeparator: \.isWhitespace).joined(separator: " ") : ""
      if name.isEmpty { name = "column_\(index + 1)" }
      while names.contains(name) { name += "_\(index + 1)" }
      names.append(name)
    }
    return names
  }
}
