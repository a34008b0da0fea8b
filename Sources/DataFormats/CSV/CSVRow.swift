/// One record of a CSV text. It points into its reader's buffers: use it inside the call that it was given to, only.
public struct CSVRow {
  /// The line that the record begins on, counted from 1; quoted fields may hold further lines.
  public let line: Int
  /// What is wrong with the record, if something is. Its fields are then a best guess.
  public let problem: CSVProblem?
  let bytes: UnsafePointer<UInt8>
  let unescaped: UnsafePointer<UInt8>?
  let spans: UnsafeBufferPointer<CSVReader.Span>

  /// How many fields the record has.
  public var count: Int { spans.count }

  /// The field at `index`, counted from 0.
  public subscript(index: Int) -> CSVField {
    let span = spans[index]
    let base = span.isUnescaped ? unescaped : bytes
    return CSVField(bytes: UnsafeRawBufferPointer(start: base.map { $0 + span.start }, count: span.end - span.start), isQuoted: span.isQuoted)
  }

  /// The fields, copied out.
  public var values: [CSVValue] {
    (0..<count).map { CSVValue(self[$0].text, isQuoted: self[$0].isQuoted) }
  }
}

/// One field of a record, without its quotes; valid as long as its row is.
public struct CSVField {
  /// The bytes of the field, quotes undone.
  public let bytes: UnsafeRawBufferPointer
  /// Whether the field stood in quotes: `""` is an empty text, an empty unquoted field may mean null.
  public let isQuoted: Bool

  /// The field as text; bytes that are not UTF-8 become U+FFFD.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// One field of a record as a value of its own.
public struct CSVValue: Sendable, Hashable {
  /// The text of the field, quotes undone.
  public var text: String
  /// Whether the field stood in quotes.
  public var isQuoted: Bool

  /// A field.
  public init(_ text: String, isQuoted: Bool = false) {
    self.text = text
    self.isQuoted = isQuoted
  }
}
