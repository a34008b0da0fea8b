import ConnectorKit
import DataFormats
import Diagnostics

/// Finds columns and types by looking at the beginnings of files.
struct SchemaInference {
  /// Thrown to stop reading a file.
  private struct Enough: Error {}

  private static let recordsPerFile = 2_000

  private let options: FileStreamOptions
  private var order: [String] = []
  private var types: [String: ColumnType] = [:]
  /// The first line seen that is no record.
  private(set) var firstProblem: Diagnostic?

  init(_ options: FileStreamOptions) {
    self.options = options
  }

  /// The columns so far, with the types that the user has set, or that were found.
  var schema: StreamSchema {
    let more = options.types.keys.filter { types[$0] == nil }.sorted()
    return StreamSchema((order + more).map { (name: $0, type: (options.types[$0] ?? types[$0] ?? .string).property) })
  }

  /// Looks at the first records of a file. What is wrong with them is told when they are read.
  mutating func look(at entry: FileEntry, _ places: FilePlaces) throws {
    var count = 0
    do {
      try FileReader(entry, options).read(from: places) { item, _ in
        count += 1
        switch item {
        case .row(let row, let names): join(row, names)
        case .object(let record): for (name, value) in record.json.object ?? [:] { join(name, ColumnType(value)) }
        case .problem(let problem): firstProblem = firstProblem ?? problem
        }
        if count >= SchemaInference.recordsPerFile { throw Enough() }
      }
    } catch is Enough {}
  }

  private mutating func join(_ row: CSVRow, _ names: [String]) {
    for index in 0..<min(row.count, names.count) {
      let field = row[index]
      let isNull = !field.isQuoted && options.isNull(field.bytes)
      join(names[index], isNull ? .null : ColumnType(field.bytes))
    }
  }

  private mutating func join(_ name: String, _ type: ColumnType) {
    if let known = types[name] {
      types[name] = known.joined(type)
    } else {
      order.append(name)
      types[name] = type
    }
  }
}

extension FileStreamOptions {
  /// Whether an unquoted field stands for no value.
  func isNull(_ bytes: UnsafeRawBufferPointer) -> Bool {
    nullValues.contains { $0.count == bytes.count && $0.elementsEqual(bytes) }
  }
}
