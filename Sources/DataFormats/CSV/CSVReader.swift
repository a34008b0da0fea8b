/// Reads CSV (RFC 4180, https://www.rfc-editor.org/rfc/rfc4180) from chunks of bytes, in constant memory.
///
/// A byte order mark is skipped; lines may end with LF, CRLF or CR; blank lines are no records; a quote inside an unquoted
/// field is text. A bad record is handed over with its `problem`, and reading goes on behind it.
///
///     var reader = CSVReader()
///     try reader.read(chunk) { row in … row[0].text … }   // as often as there are chunks
///     try reader.finish { row in … }
///
/// After a handler has thrown, the reader must not be used again.
public struct CSVReader {
  /// How the text is written.
  public let format: CSVFormat
  /// The names of the columns; nil before the first record, and where the format has no header.
  public private(set) var header: [String]?
  /// The line that the header stands on, counted from 1.
  public private(set) var headerLine = 1
  /// How many fields a record must have; nil before the first record.
  public private(set) var width: Int?

  struct Span {
    var start: Int
    var end: Int
    var isQuoted: Bool
    var isUnescaped: Bool
  }

  private enum Ending {
    case row
    case incomplete
    case unclosed(at: Int)
  }

  private var line = 1
  private var isStarted = false
  /// The beginning of a record whose end has not come yet.
  private var pending: [UInt8] = []
  /// How long `pending` must be before another look at it can pay: a long field is scanned log n times, not n times.
  private var wanted = 0
  private var spans: [Span] = []
  private var unescaped: [UInt8] = []
  private var problem: CSVProblem?

  /// A reader of texts of one format.
  public init(_ format: CSVFormat = CSVFormat()) {
    self.format = format
  }

  /// Takes the next bytes, and calls `row` with every record that is complete by now.
  ///
  /// - Throws: only what `row` throws.
  public mutating func read(_ chunk: UnsafeRawBufferPointer, _ row: (CSVRow) throws -> Void) throws {
    if pending.isEmpty {
      let consumed = try chunk.withMemoryRebound(to: UInt8.self) { try parse($0, isLast: false, row) }
      if consumed < chunk.count { pending.append(contentsOf: chunk[consumed...]) }
      wanted = 0
    } else {
      pending.append(contentsOf: chunk)
      guard pending.count >= min(wanted, format.recordLimit) else { return }
      try parsePending(isLast: false, row)
    }
  }

  /// Tells that no more bytes come, and calls `row` with the records that are left.
  ///
  /// - Throws: only what `row` throws.
  public mutating func finish(_ row: (CSVRow) throws -> Void) throws {
    try parsePending(isLast: true, row)
  }

  private mutating func parsePending(isLast: Bool, _ row: (CSVRow) throws -> Void) throws {
    var buffer: [UInt8] = []
    swap(&buffer, &pending)
    let consumed = try buffer.withUnsafeBufferPointer { try parse($0, isLast: isLast, row) }
    if consumed > 0 { buffer.removeSubrange(0..<consumed) }
    wanted = consumed > 0 ? 0 : buffer.count * 2
    swap(&buffer, &pending)
  }

  /// Reads the records of `bytes`; returns where the first record that is not complete begins.
  private mutating func parse(_ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool, _ row: (CSVRow) throws -> Void) throws -> Int {
    guard let base = bytes.baseAddress else { return 0 }
    let count = bytes.count
    var at = 0
    if !isStarted {
      if count < 3 && !isLast { return 0 }
      if count >= 3, base[0] == 0xEF, base[1] == 0xBB, base[2] == 0xBF { at = 3 }
      isStarted = true
    }
    while at < count {
      let start = at
      if base[at] == UInt8(ascii: "\n") {
        (at, line) = (at + 1, line + 1)
        continue
      }
      var lines = 1
      switch scanRecord(base, &at, count, isLast, &lines) {
      case .incomplete:
        return start
      case .unclosed(let opening):
        if !isLast && count - start < format.recordLimit { return start }
        at = resume(base, after: start, count)
        problem = .unclosedQuote(column: opening - start + 1)
        lines = 1
      case .row:
        break
      }
      let isBlank = spans.count == 1 && spans[0].end == spans[0].start && !spans[0].isQuoted
      if !isBlank { try hand(base, row) }
      line += lines
    }
    return at
  }

  private mutating func hand(_ base: UnsafePointer<UInt8>, _ row: (CSVRow) throws -> Void) throws {
    if let width {
      if problem == nil, spans.count != width { problem = .fieldCount(found: spans.count, expected: width) }
    } else if problem == nil || format.hasHeader {
      width = spans.count
      if format.hasHeader {
        headerLine = line
        header = withRow(base) { $0.values.map(\.text) }
        return
      }
    }
    try withRow(base, row)
  }

  private func withRow<Result>(_ base: UnsafePointer<UInt8>, _ body: (CSVRow) throws -> Result) rethrows -> Result {
    try spans.withUnsafeBufferPointer { spans in
      try unescaped.withUnsafeBufferPointer { unescaped in
        try body(CSVRow(line: line, problem: problem, bytes: base, unescaped: unescaped.baseAddress, spans: spans))
      }
    }
  }

  /// The place behind the line that `start` is on; the line becomes the only field.
  private mutating func resume(_ base: UnsafePointer<UInt8>, after start: Int, _ count: Int) -> Int {
    var at = start
    while at < count, base[at] != UInt8(ascii: "\n"), base[at] != UInt8(ascii: "\r") { at += 1 }
    spans.removeAll(keepingCapacity: true)
    spans.append(Span(start: start, end: at, isQuoted: false, isUnescaped: false))
    if at < count, base[at] == UInt8(ascii: "\r") { at += 1 }
    if at < count, base[at] == UInt8(ascii: "\n") { at += 1 }
    return at
  }

  /// Splits the record at `at` into `spans`, and moves `at` behind it and its line end.
  private mutating func scanRecord(
    _ base: UnsafePointer<UInt8>, _ at: inout Int, _ count: Int, _ isLast: Bool, _ lines: inout Int
  ) -> Ending {
    let delimiter = format.delimiter
    let quote = format.quote
    spans.removeAll(keepingCapacity: true)
    unescaped.removeAll(keepingCapacity: true)
    problem = nil
    let record = at
    while true {
      if at < count, base[at] == quote {
        switch scanQuoted(base, &at, count, isLast, record, &lines) {
        case .row: break
        case let ending: return ending
        }
      } else {
        let start = at
        while at < count {
          let byte = base[at]
          if byte == delimiter || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { break }
          at += 1
        }
        spans.append(Span(start: start, end: at, isQuoted: false, isUnescaped: false))
      }
      // Here stands a delimiter, a line end, or the end of the bytes.
      guard at < count else { return isLast ? .row : .incomplete }
      let byte = base[at]
      if byte == delimiter {
        at += 1
        continue
      }
      if byte == UInt8(ascii: "\n") {
        at += 1
        return .row
      }
      // CR: whether LF belongs to it shows the next byte.
      if at + 1 == count && !isLast { return .incomplete }
      at += at + 1 < count && base[at + 1] == UInt8(ascii: "\n") ? 2 : 1
      return .row
    }
  }

  /// Reads a field that begins with a quote at `at`, and moves `at` behind it.
  private mutating func scanQuoted(
    _ base: UnsafePointer<UInt8>, _ at: inout Int, _ count: Int, _ isLast: Bool, _ record: Int, _ lines: inout Int
  ) -> Ending {
    let quote = base[at]
    let escape = format.escape
    let opening = at
    at += 1
    var start = at
    // Where the unescaped text begins; nil as long as the field is its own source.
    var copy: Int?
    while true {
      guard at < count else { return .unclosed(at: opening) }
      let byte = base[at]
      if byte == quote {
        guard at + 1 < count else {
          if !isLast { return .incomplete }
          break
        }
        guard base[at + 1] == quote else { break }
        copy = copy ?? unescaped.count
        append(base, start, at + 1)
        at += 2
        start = at
      } else if byte == escape {
        guard at + 1 < count else { return .unclosed(at: opening) }
        copy = copy ?? unescaped.count
        append(base, start, at)
        if base[at + 1] == UInt8(ascii: "\n") { lines += 1 }
        start = at + 1
        at += 2
      } else {
        if byte == UInt8(ascii: "\n") { lines += 1 }
        at += 1
      }
    }
    var end = at
    at += 1
    if at < count, base[at] != format.delimiter, base[at] != UInt8(ascii: "\n"), base[at] != UInt8(ascii: "\r") {
      problem = problem ?? .textAfterQuote(column: at - record + 1)
      copy = copy ?? unescaped.count
      append(base, start, end)
      start = at
      while at < count, base[at] != format.delimiter, base[at] != UInt8(ascii: "\n"), base[at] != UInt8(ascii: "\r") { at += 1 }
      end = at
    }
    if let copy {
      append(base, start, end)
      spans.append(Span(start: copy, end: unescaped.count, isQuoted: true, isUnescaped: true))
    } else {
      spans.append(Span(start: start, end: end, isQuoted: true, isUnescaped: false))
    }
    return .row
  }

  private mutating func append(_ base: UnsafePointer<UInt8>, _ start: Int, _ end: Int) {
    unescaped.append(contentsOf: UnsafeBufferPointer(start: base + start, count: end - start))
  }
}
