import ConnectorKit
import DataFormats

/// Sends the records of files, each with the file and line that it comes from.
final class FileRecordWriter {
  private struct Column {
    /// The name as a member of an object, a comma before it unless it is the first.
    var head: [UInt8]
    var type: ColumnType
  }

  private let options: FileStreamOptions
  private let types: [String: ColumnType]
  private var names: [String] = []
  private var columns: [Column] = []
  private var buffer: [UInt8] = []
  private var origin: [UInt8] = []

  /// - Parameter schema: the stream's schema as it was discovered: values keep to its types where they can.
  init(_ options: FileStreamOptions, schema: JSON) {
    self.options = options
    types = FileRecordWriter.types(schema).merging(options.types) { _, set in set }
  }

  /// Begins a file: its columns may differ.
  func begin(_ entry: FileEntry) {
    names = []
    origin = []
    origin += "\"\(FileStream.urlField)\":".utf8
    JSON.writeQuoted(entry.url, to: &origin)
    origin += ",\"\(FileStream.modifiedField)\":".utf8
    origin += (entry.modified.map { "\"\($0.text(decimals: 6))\"" } ?? "null").utf8
    origin += ",\"\(FileStream.lineField)\":".utf8
  }

  func send(_ item: FileReader.Item, line: Int, to output: StreamOutput) throws {
    switch item {
    case .object(let record): try output.send(record, adding: origin + String(line).utf8)
    case .row(let row, let names):
      if self.names.isEmpty { prepare(names) }
      buffer.removeAll(keepingCapacity: true)
      buffer.append(UInt8(ascii: "{"))
      for index in 0..<min(row.count, columns.count) {
        buffer.append(contentsOf: columns[index].head)
        append(row[index], columns[index].type)
      }
      if !columns.isEmpty { buffer.append(UInt8(ascii: ",")) }
      buffer.append(contentsOf: origin)
      buffer.append(contentsOf: String(line).utf8)
      buffer.append(UInt8(ascii: "}"))
      try buffer.withUnsafeBytes { try output.send(object: $0) }
    case .problem: break
    }
  }

  private func prepare(_ names: [String]) {
    self.names = names
    columns = names.enumerated().map { index, name in
      var head: [UInt8] = index == 0 ? [] : [UInt8(ascii: ",")]
      JSON.writeQuoted(name, to: &head)
      head.append(UInt8(ascii: ":"))
      return Column(head: head, type: types[name] ?? .string)
    }
  }

  /// Appends a field as a value of its column's type; one that is no such value goes over as text, and is not lost.
  private func append(_ field: CSVField, _ type: ColumnType) {
    let bytes = field.bytes
    if !field.isQuoted, options.isNull(bytes) {
      buffer += "null".utf8
      return
    }
    switch type {
    case .integer where FieldText.isInteger(bytes) || FieldText.isNumber(bytes), .number where FieldText.isNumber(bytes):
      buffer.append(contentsOf: bytes)
    case .boolean:
      if let value = FieldText.boolean(bytes) { buffer += (value ? "true" : "false").utf8 } else { FieldText.appendQuoted(bytes, to: &buffer) }
    case .string:
      FieldText.appendQuoted(bytes, to: &buffer)
    default:
      if bytes.isEmpty { buffer += "null".utf8 } else { FieldText.appendQuoted(bytes, to: &buffer) }
    }
  }

  private static func types(_ schema: JSON) -> [String: ColumnType] {
    var types: [String: ColumnType] = [:]
    for (name, property) in schema["properties"]?.object ?? [:] {
      let names = (property["type"]?.array?.compactMap(\.string) ?? [property["type"]?.string].compactMap { $0 }).filter { $0 != "null" }
      if names.count == 1, let type = ColumnType(rawValue: names[0]) { types[name] = type }
    }
    return types
  }
}
