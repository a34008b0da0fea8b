import Diagnostics
import Synchronization

/// A YAML document read as PyYAML's safe loader reads it (YAML 1.1), with the place of every key and value.
///
/// `yes`, `no`, `on` and `off` are booleans, `010` is 8, `1:30` is 90, `1e3` is a text; dates and timestamps stay texts.
/// Merge keys (`<<`) are merged in, aliases expanded. Of equal keys the last one counts, and a warning says so.
public struct YAMLDocument: Sendable {
  /// One step from a value into a value inside it.
  public enum Step: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    /// The member of that name.
    case key(String)
    /// The element at that index.
    case index(Int)

    /// The step to a key.
    public init(stringLiteral value: String) { self = .key(value) }
    /// The step to an element.
    public init(integerLiteral value: Int) { self = .index(value) }
  }

  /// The value; null for an empty document.
  public let value: JSON
  /// The file, for messages.
  public let file: String?
  /// The text.
  public let source: String
  /// Keys that occur twice in one mapping.
  public let warnings: [Diagnostic]
  private let marks: LateMarks

  /// Reads the only document of `source`.
  ///
  /// - Parameter file: the file it came from, for messages.
  /// - Throws: `Diagnostic` (`yaml.malformed`) with line, column and the lines around.
  public init(parsing source: String, file: String? = nil) throws {
    let reading = try YAMLReader(source: source, file: file).read()
    self.value = reading.value
    self.marks = LateMarks(reading.marks)
    self.warnings = reading.warnings
    self.source = source
    self.file = file
  }

  /// A document that is known from an earlier reading of the same text: its value and its `marksData`.
  package init(known value: JSON, marksData: [UInt8], source: String, file: String?) {
    self.value = value
    self.source = source
    self.file = file
    warnings = []
    marks = LateMarks(nil, data: marksData)
  }

  /// The places of everything in the document, for who keeps it.
  package var marksData: [UInt8] {
    var writer = ByteWriter()
    places.write(to: &writer)
    return writer.bytes
  }

  private var places: YAMLMarks { marks.value { (try? YAMLReader(source: source, file: file).read().marks) ?? .scalar(YAMLMark(line: 1, column: 1)) } }

  /// Where the value at `path` begins; the nearest place above it where the path leads nowhere.
  public func location(of path: [Step]) -> SourceLocation {
    place(places.mark(of: path, in: value, ofKey: false))
  }

  /// Where the key at the end of `path` begins; for elements of sequences, where the element does.
  public func keyLocation(of path: [Step]) -> SourceLocation {
    place(places.mark(of: path, in: value, ofKey: true))
  }

  private func place(_ mark: YAMLMark) -> SourceLocation {
    SourceLocation(file: file, line: Int(mark.line), column: Int(mark.column))
  }

  /// A diagnostic about the value (or key) at `path`, with the lines around it.
  public func diagnostic(
    _ category: Diagnostic.Category, _ code: String, _ message: String, at path: [Step], onKey: Bool = false, hint: String? = nil,
    severity: Diagnostic.Severity = .error
  ) -> Diagnostic {
    let place = onKey ? keyLocation(of: path) : location(of: path)
    var length = 1
    if onKey, case .key(let key)? = path.last { length = key.count }
    let window = place.line.map { SourceWindow(source: source, line: $0, column: place.column, length: length) }
    return Diagnostic(category, code, message, at: place, window: window, hint: hint, severity: severity)
  }
}

/// Marks that are taken out of their data, or found out, when somebody asks, once.
private final class LateMarks: Sendable {
  private let known: Mutex<YAMLMarks?>
  private let data: [UInt8]

  init(_ marks: YAMLMarks?, data: [UInt8] = []) {
    known = Mutex(marks)
    self.data = data
  }

  func value(_ read: () -> YAMLMarks) -> YAMLMarks {
    if let marks = known.withLock({ $0 }) { return marks }
    var reader = ByteReader(data)
    let marks = (try? YAMLMarks(&reader)) ?? read()
    known.withLock { $0 = marks }
    return marks
  }
}

/// A place in a YAML text, counted from 1.
struct YAMLMark: Sendable, Hashable {
  var line: Int32
  var column: Int32
}

/// The places of a value and of everything in it, in the shape of the value.
indirect enum YAMLMarks: Sendable {
  case scalar(YAMLMark)
  case sequence(YAMLMark, [YAMLMarks])
  /// Keys and values in the order of the object's members.
  case mapping(YAMLMark, keys: [YAMLMark], values: [YAMLMarks])

  var mark: YAMLMark {
    switch self {
    case .scalar(let mark), .sequence(let mark, _), .mapping(let mark, _, _): mark
    }
  }

  func mark(of path: [YAMLDocument.Step], in value: JSON, ofKey: Bool) -> YAMLMark {
    var marks = self
    var value = value
    var keyMark: YAMLMark?
    for step in path {
      keyMark = nil
      switch (step, marks, value) {
      case (.key(let key), .mapping(_, let keys, let values), .object(let members)):
        guard let index = members.index(forKey: key), index < keys.count else { return marks.mark }
        keyMark = keys[index]
        marks = values[index]
        value = members.values[index]
      case (.index(let index), .sequence(_, let elements), .array(let array)):
        guard elements.indices.contains(index), array.indices.contains(index) else { return marks.mark }
        marks = elements[index]
        value = array[index]
      default:
        return marks.mark
      }
    }
    return ofKey ? keyMark ?? marks.mark : marks.mark
  }

  /// Appends the marks.
  func write(to writer: inout ByteWriter) {
    func write(_ mark: YAMLMark) {
      writer.write(Int(mark.line))
      writer.write(Int(mark.column))
    }
    switch self {
    case .scalar(let mark):
      writer.write(0)
      write(mark)
    case .sequence(let mark, let elements):
      writer.write(1)
      write(mark)
      writer.write(elements.count)
      for element in elements { element.write(to: &writer) }
    case .mapping(let mark, let keys, let values):
      writer.write(2)
      write(mark)
      writer.write(keys.count)
      for key in keys { write(key) }
      for value in values { value.write(to: &writer) }
    }
  }

  /// The marks that `write` wrote.
  init(_ reader: inout ByteReader, depth: Int = 0) throws(ByteReader.Malformed) {
    guard depth < 500 else { throw ByteReader.Malformed() }
    let kind = try reader.int()
    let mark = try YAMLMark(&reader)
    switch kind {
    case 0: self = .scalar(mark)
    case 1: self = .sequence(mark, try reader.list { (reader) throws(ByteReader.Malformed) in try YAMLMarks(&reader, depth: depth + 1) })
    case 2:
      let keys = try reader.list { (reader) throws(ByteReader.Malformed) in try YAMLMark(&reader) }
      var values: [YAMLMarks] = []
      values.reserveCapacity(keys.count)
      for _ in keys { values.append(try YAMLMarks(&reader, depth: depth + 1)) }
      self = .mapping(mark, keys: keys, values: values)
    default: throw ByteReader.Malformed()
    }
  }
}

extension YAMLMark {
  fileprivate init(_ reader: inout ByteReader) throws(ByteReader.Malformed) {
    line = Int32(truncatingIfNeeded: try reader.int())
    column = Int32(truncatingIfNeeded: try reader.int())
  }
}
