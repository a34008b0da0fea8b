import ConnectorKit
import DataFormats
import Diagnostics
import HTTP

/// Reads files of records: CSV, JSON and JSON lines, plain or gzip, from this machine or over HTTP.
struct FileSource: Source {
  static let specification = ConfigSpecification(
    name: "source-file", title: "Files",
    summary: "CSV, JSON and JSON lines, plain or gzip, from files, folders, patterns and http(s) addresses. New and changed files are read.",
    documentationURL: "https://www.rfc-editor.org/rfc/rfc4180",
    fields: [
      ConfigField(
        "streams", .list(.object(FileStreamOptions.fields)), title: "Streams", "What to read: one entry a stream.", isRequired: true,
        examples: [
          [["name": "events", "path": "logs/*.jsonl.gz"]], [["name": "users", "path": "https://example.com/files/users.csv", "primary_key": ["id"]]],
        ]),
      ConfigField(
        "http_headers", .map(.string), title: "HTTP headers", "Headers for http(s) addresses, such as Authorization.", isSecret: true,
        examples: [["Authorization": "Bearer …"]]),
      ConfigField.requestRate,
    ])

  private let session: SourceSession
  private let definitions: [FileStreamOptions]
  private let places: FilePlaces

  init(_ config: Config, _ session: SourceSession) throws {
    self.session = session
    session.limitRequests(config)
    definitions = try config.objects("streams").map(FileStreamOptions.init)
    guard !definitions.isEmpty else {
      throw Diagnostic(.configuration, "config.missing", "'streams' is empty", hint: "add an entry with name and path")
    }
    var names: Set<String> = []
    for definition in definitions where !names.insert(definition.name).inserted {
      throw Diagnostic(.configuration, "config.bad-value", "two streams are named '\(definition.name)'")
    }
    var headers: HTTPHeaders = [:]
    for (name, value) in config.json["http_headers"]?.object ?? [:] { headers[name] = value.string }
    places = FilePlaces(session.client, headers: headers)
  }

  func check() throws {
    for stream in list { try stream.check() }
  }

  func streams() -> [any SourceStream] { list }

  private var list: [FileStream] { definitions.map { FileStream($0, places, session) } }
}
