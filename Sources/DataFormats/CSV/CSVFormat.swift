/// How a CSV text is written: RFC 4180, and the variations that are met in practice.
public struct CSVFormat: Sendable, Hashable {
  /// What stands between two fields; a comma by default.
  public var delimiter: UInt8
  /// What fields that hold delimiters or line ends are wrapped in, doubled inside; nil reads quotes as text.
  public var quote: UInt8?
  /// What makes a quote inside a quoted field literal, beside doubling it: a backslash in some dialects.
  public var escape: UInt8?
  /// Whether the first record names the columns.
  public var hasHeader: Bool
  /// The longest record in bytes; a quoted field that is longer counts as never closed.
  public var recordLimit: Int

  /// A format; see the properties for the parameters.
  public init(
    delimiter: UInt8 = UInt8(ascii: ","), quote: UInt8? = UInt8(ascii: "\""), escape: UInt8? = nil, hasHeader: Bool = true,
    recordLimit: Int = 16 << 20
  ) {
    self.delimiter = delimiter
    self.quote = quote
    self.escape = escape
    self.hasHeader = hasHeader
    self.recordLimit = recordLimit
  }

  /// The delimiter among comma, semicolon, tab and bar that splits the beginning of a text most evenly; the format's own
  /// where none splits it at all.
  ///
  /// - Parameter sample: some first kilobytes; a record that is cut off at the end does not count.
  public func detectingDelimiter(in sample: UnsafeRawBufferPointer) -> CSVFormat {
    var best: (score: Int, format: CSVFormat) = (0, self)
    for candidate in [delimiter] + [",", ";", "\t", "|"].map({ UInt8(ascii: $0) }) {
      var format = self
      format.delimiter = candidate
      var even = 0
      var uneven = 0
      var width = 0
      var reader = CSVReader(format)
      // The handler throws nothing, and a reader throws only what its handler does.
      try? reader.read(sample) { row in
        width = max(width, row.count)
        if row.problem == nil { even += 1 } else { uneven += 1 }
      }
      width = max(width, reader.header?.count ?? 0)
      if even + uneven == 0, let header = reader.header { width = header.count }
      let score = width > 1 ? 1 + width + 1_000 * even - 2_000 * uneven : 0
      if score > best.score { best = (score, format) }
    }
    return best.format
  }
}
