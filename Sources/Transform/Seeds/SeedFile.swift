import DataFormats
import Diagnostics
import Glibc
import Project

/// A CSV file of a project, read as seeds are: typed columns, NULL for nothing.
struct SeedFile {
  /// One column.
  struct Column: Equatable {
    var name: String
    var type: SeedType
    /// The type that the project asks for; values are then stored as they stand, and the warehouse converts them.
    var declared: String?

    /// The type as it stands in CREATE TABLE.
    var declaration: String { declared ?? type.declaration }
  }

  /// The columns in order.
  let columns: [Column]
  /// How many rows there are.
  let count: Int
  private let bytes: [UInt8]
  private let format: CSVFormat

  /// Reads the file of `node` once to learn names and types.
  ///
  /// - Throws: `Diagnostics` with the first twenty bad records; `Diagnostic` for the file and its settings.
  init(_ node: Node) throws {
    let path = node.rootPath.isEmpty ? node.originalFilePath : node.rootPath + "/" + node.originalFilePath
    format = CSVFormat(delimiter: try SeedFile.delimiter(node))
    bytes = try SeedFile.read(path, name: node.originalFilePath)
    let types = node.config["column_types"]?.object ?? [:]
    var reader = CSVReader(format)
    var finders: [SeedTypeFinder] = []
    var problems: [Diagnostic] = []
    var count = 0
    func look(_ row: CSVRow) {
      if let problem = row.problem {
        if problems.count < 20 { problems.append(problem.diagnostic(file: node.originalFilePath, line: row.line)) }
        return
      }
      count += 1
      if finders.isEmpty { finders = Array(repeating: SeedTypeFinder(), count: row.count) }
      for index in 0..<row.count { finders[index].look(at: row[index].bytes) }
    }
    try bytes.withUnsafeBytes { try reader.read($0, look) }
    try reader.finish(look)
    if !problems.isEmpty { throw Diagnostics(problems) }
    guard let header = reader.header, !header.isEmpty else {
      throw Diagnostic(
        .parsing, "seed.no-header", "the seed '\(node.name)' is empty", at: SourceLocation(file: node.originalFilePath),
        hint: "its first line must name the columns")
    }
    var seen: Set<String> = []
    for name in header where !seen.insert(name.lowercased()).inserted {
      throw Diagnostic(
        .parsing, "seed.duplicate-column", "two columns of the seed '\(node.name)' are named '\(name)'",
        at: SourceLocation(file: node.originalFilePath, line: reader.headerLine), hint: "give each column a name of its own")
    }
    self.count = count
    columns = header.enumerated().map { index, name in
      let declared = types[name]?.string ?? types.first { $0.key.lowercased() == name.lowercased() }?.value.string
      return Column(name: name, type: declared != nil ? .text : index < finders.count ? finders[index].type : .integer, declared: declared)
    }
  }

  /// Calls `body` with every record.
  func forEach(_ body: (CSVRow) throws -> Void) throws {
    var reader = CSVReader(format)
    try bytes.withUnsafeBytes { try reader.read($0, body) }
    try reader.finish(body)
  }

  private static func delimiter(_ node: Node) throws -> UInt8 {
    guard let text = node.config["delimiter"]?.string else { return UInt8(ascii: ",") }
    guard text.utf8.count == 1, let byte = text.utf8.first else {
      throw Diagnostic(
        .compilation, "seed.delimiter", "the delimiter of the seed '\(node.name)' must be one character and is '\(text)'", at: node.place,
        hint: "write for example delimiter: \";\"")
    }
    return byte
  }

  private static func read(_ path: String, name: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    var status = stat()
    guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
      if descriptor >= 0 { close(descriptor) }
      throw Diagnostic(
        .parsing, "seed.unreadable", "the seed cannot be read", at: SourceLocation(file: name), cause: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    let size = Int(status.st_size)
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
        if got <= 0 { break }
        count += got
      }
    }
  }
}
