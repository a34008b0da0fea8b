import AirbyteProtocol
import DataFormats
import Diagnostics
import HTTP

@testable import ConnectorKit

/// A source that reads lists from memory; what it does stands in its configuration.
struct FakeSource: Source {
  static let specification = ConfigSpecification(
    name: "source-fake", title: "Fake", summary: "Numbers.", documentationURL: "https://example.com",
    fields: [
      ConfigField("token", title: "Token", "The token.", isRequired: true, isSecret: true),
      ConfigField("mode", .choice(["fine", "refused", "rotates"]), title: "Mode", "What happens.", standard: "fine"),
      ConfigField("count", .integer(0...1_000), title: "Count", "How many.", standard: 3),
      ConfigField("since", .dateTime, title: "Since", "When."),
      ConfigField("base_url", .url, title: "URL", "Where."),
      ConfigField("nested", .object([ConfigField("flag", .boolean, title: "Flag", "A flag.", isRequired: true)]), title: "Nested", "Inside."),
      ConfigField("names", .list(.string), title: "Names", "Some names."),
    ])

  let config: Config
  let session: SourceSession

  init(_ config: Config, _ session: SourceSession) throws {
    self.config = config
    self.session = session
  }

  func check() throws {
    guard config.string("mode") != "refused" else {
      throw Diagnostic(.connector, "fake.refused", "the token \(config.string("token") ?? "") is refused", hint: "get another")
    }
  }

  func streams() -> [any SourceStream] {
    [
      FakeStream(name: "numbers", config: config, session: session), FakeStream(name: "broken", config: config, session: session, breaks: true),
      FakeStream(name: "empty", config: config, session: session, isEmpty: true),
    ]
  }
}

struct FakeStream: SourceStream {
  let name: String
  let config: Config
  let session: SourceSession
  var breaks = false
  var isEmpty = false

  func describe() -> StreamDescription { StreamDescription(name, ["id": .integer], cursorField: "id") }

  func read(_ request: ReadRequest, to output: StreamOutput) throws {
    if config.string("mode") == "rotates" { try session.replaceSetting("token", with: "rotated-token") }
    if isEmpty { return }
    let from = request.state?["id"]?.int ?? 0
    let end = Int64(config.int("count") ?? 0)
    if from < end {
      for id in (from + 1)...end {
        try output.send(["id": .int(id)])
        if id == 2, breaks { throw Diagnostic(.connector, "fake.broken", "it broke at \(config.string("token") ?? "")") }
        if id % 2 == 0 { try output.checkpoint(["id": .int(id)]) }
      }
    }
    try session.log(.info, "token is \(config.string("token") ?? "")")
    try output.checkpoint(["id": .int(max(from, end))])
  }
}

/// One run of the fake source: what it wrote, and how it ended.
struct FakeRun {
  let code: Int32
  let text: String
  let messages: [Message]

  init(_ verb: String, config: JSON, catalog: JSON? = nil, state: String? = nil) throws {
    let folder = try TemporaryFolder()
    var arguments = [verb]
    if verb != "spec" { arguments += ["--config", try folder.write("config.json", config.text(pretty: true))] }
    if let catalog { arguments += ["--catalog=" + (try folder.write("catalog.json", catalog.text()))] }
    if let state { arguments += ["--state", try folder.write("state.json", state)] }
    final class Output { var bytes: [UInt8] = [] }
    let output = Output()
    let writer = MessageWriter { output.bytes.append(contentsOf: $0) }
    code = SourceProgram.run(FakeSource.self, arguments: arguments, writer: writer, client: { HTTPClient(retry: $0) })
    text = String(decoding: output.bytes, as: UTF8.self)
    messages = try text.split(separator: "\n").compactMap { try Message(line: $0.utf8) }
  }

  /// A configured catalog of streams to be read in a mode.
  static func catalog(_ names: String..., mode: String = "incremental") -> JSON {
    let streams = names.map { name -> JSON in
      [
        "stream": ["name": .string(name), "json_schema": [:], "supported_sync_modes": ["full_refresh", "incremental"]],
        "sync_mode": .string(mode), "destination_sync_mode": "append",
      ]
    }
    return ["streams": .array(streams)]
  }

  var records: [JSON] {
    messages.compactMap { if case .record(let record) = $0 { record.data } else { nil } }
  }
  var states: [StateMessage] {
    messages.compactMap { if case .state(let state) = $0 { state } else { nil } }
  }
  var statuses: [String] {
    messages.compactMap {
      if case .trace(.streamStatus(let status), _) = $0 { "\(status.stream) \(status.status.rawValue)" } else { nil }
    }
  }
  var errors: [TraceMessage.SourceError] {
    messages.compactMap { if case .trace(.error(let error), _) = $0 { error } else { nil } }
  }
}
