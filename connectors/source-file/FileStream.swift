import ConnectorKit
import DataFormats
import Diagnostics

/// The records of some files of the same kind.
///
/// Every record says where it comes from: `_ab_source_file_url`, `_ab_source_file_last_modified` (as Airbyte's file sources have
/// it) and `_ab_source_file_line`. A file that changes is read again whole.
final class FileStream: SourceStream {
  static let urlField = "_ab_source_file_url"
  static let modifiedField = "_ab_source_file_last_modified"
  static let lineField = "_ab_source_file_line"
  private static let added = [urlField, modifiedField, lineField]

  private let options: FileStreamOptions
  private let places: FilePlaces
  private let session: SourceSession
  private var found: StreamSchema?

  /// How often the state is sent while files are read: never more than once in so many records or seconds.
  private static let recordsPerState = 50_000
  private static let microsecondsPerState: Int64 = 2_000_000

  init(_ options: FileStreamOptions, _ places: FilePlaces, _ session: SourceSession) {
    self.options = options
    self.places = places
    self.session = session
  }

  var name: String { options.name }

  func describe() throws -> StreamDescription {
    StreamDescription(
      name, schema: try inferredSchema().json,
      primaryKey: options.primaryKey.isEmpty ? [FileStream.urlField, FileStream.lineField] : options.primaryKey,
      cursorField: FileStream.modifiedField)
  }

  func read(_ request: ReadRequest, to output: StreamOutput) throws {
    var progress = try FileProgress(request.state, options: options.fingerprint)
    if progress.isOutdated { try session.log(.info, "\(name): how the files are read has changed, so all are read again") }
    var aside = SetAside(options, session)
    var sinceState = 0
    var stateAt = session.now.microseconds
    let writer = FileRecordWriter(options, schema: request.schema)
    for entry in try places.list(options) {
      guard let done = progress.recordsRead(of: entry) else { continue }
      var number = 0
      writer.begin(entry)
      try FileReader(entry, options).read(from: places) { item, line in
        number += 1
        if number <= done { return }
        if case .problem(let problem) = item { return try aside.take(problem) }
        try writer.send(item, line: line, to: output)
        sinceState += 1
        if sinceState >= FileStream.recordsPerState {
          sinceState = 0
          progress.note(entry, records: number)
          try output.checkpoint(progress.state)
        }
      }
      if let before = progress.finish(entry, records: number), number < before, options.primaryKey.isEmpty {
        try session.log(
          .warn,
          "\(name): \(entry.url) had \(before) records and has \(number) now; without a primary_key the rows of the others stay: set one, or read everything anew with --full-refresh"
        )
      }
      let now = session.now.microseconds
      if now - stateAt > FileStream.microsecondsPerState {
        (stateAt, sinceState) = (now, 0)
        try output.checkpoint(progress.state)
      }
    }
    try aside.finish()
    try output.checkpoint(progress.state)
  }

  /// Whether files are there that can be read as they are said to be.
  ///
  /// - Throws: `Diagnostic`, `HTTPFailure`.
  func check() throws {
    let inference = try inference()
    _ = try schema(inference)
    if let problem = inference.firstProblem, options.onError == .fail { throw problem }
  }

  /// The columns and their types, as the beginnings of some files show them.
  private func inferredSchema() throws -> StreamSchema {
    if let found { return found }
    let schema = try schema(try inference())
    found = schema
    return schema
  }

  private func inference() throws -> SchemaInference {
    let files = try places.list(options)
    // The newest files show best what is to come; the oldest shows what has been.
    let chosen = files.count <= 4 ? files : [files[0]] + files.suffix(3)
    var inference = SchemaInference(options)
    for file in chosen { try inference.look(at: file, places) }
    return inference
  }

  private func schema(_ inference: SchemaInference) throws -> StreamSchema {
    let columns = inference.schema.properties.map(\.name)
    for key in options.primaryKey where !columns.isEmpty && !columns.contains(key) && !FileStream.added.contains(key) {
      throw Diagnostic(
        .configuration, "file.unknown-column", "the primary key '\(key)' is no column of the files", at: SourceLocation(subject: "stream \(name)"),
        hint: Suggestion.didYouMean(key, among: columns) ?? "the columns are \(columns.joined(separator: ", "))")
    }
    return inference.schema.adding([FileStream.urlField: .string, FileStream.modifiedField: .dateTime, FileStream.lineField: .integer])
  }
}
