import AirbyteProtocol
import DataFormats
import FoundationEssentials
import Subprocess

/// One run of a connector's executable: what it wrote, and how it ended.
struct ConnectorRun: Sendable {
  let code: Int32?
  let output: String
  let error: String
  let messages: [Message]

  /// Runs a connector.
  ///
  /// - Parameter lines: after how many lines nobody listens any more; nil listens to the end.
  init(
    _ connector: String, _ verb: String, config: JSON? = nil, catalog: ConfiguredCatalog? = nil, states: [StateMessage]? = nil, lines: Int? = nil
  ) async throws {
    let folder = try RunFolder()
    var arguments = [verb]
    if let config { arguments += ["--config", try folder.write("config.json", config)] }
    if let catalog { arguments += ["--catalog", try folder.write("catalog.json", catalog.json)] }
    if let states { arguments += ["--state", try folder.write("state.json", .array(states.map(\.json)))] }
    let script = "\"$0\" \"$@\"" + (lines.map { " | head -n \($0)" } ?? "")
    let result = try await Subprocess.run(
      .name("sh"), arguments: Arguments(["-c", script, ConnectorRun.executable(connector)] + arguments), output: .string(limit: 256 << 20),
      error: .string(limit: 1 << 20))
    if case .exited(let code) = result.terminationStatus { self.code = code } else { code = nil }
    output = result.standardOutput
    error = result.standardError
    messages = try output.utf8.split(separator: UInt8(ascii: "\n")).compactMap { try Message(line: $0) }
  }

  /// The executables are built beside the tests.
  static func executable(_ name: String) -> String {
    let link = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let beside = link.split(separator: "/").dropLast().joined(separator: "/")
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let places = ["/\(beside)/\(name)", "/\(root)/.build/debug/\(name)"]
    return places.first { FileManager.default.isExecutableFile(atPath: $0) } ?? name
  }

  /// The records as texts, by stream.
  var records: [String: [JSON]] {
    var found: [String: [JSON]] = [:]
    for case .record(let record) in messages { found[record.stream, default: []].append(record.data) }
    return found
  }

  /// The last state of every stream.
  var states: [StateMessage] {
    var last: [String: StateMessage] = [:]
    for case .state(let state) in messages {
      if case .stream(let stream) = state.scope { last[stream.descriptor.name] = state }
    }
    return last.sorted { $0.key < $1.key }.map(\.value)
  }

  /// The streams that are said to have been read to their end.
  var complete: Set<String> {
    var names: Set<String> = []
    for case .trace(.streamStatus(let status), _) in messages where status.status == .complete { names.insert(status.stream.name) }
    return names
  }

  var errors: [TraceMessage.SourceError] {
    messages.compactMap { if case .trace(.error(let error), _) = $0 { error } else { nil } }
  }

  var status: ConnectionStatus? {
    messages.compactMap { if case .connectionStatus(let status) = $0 { status } else { nil } }.last
  }

  var catalog: Catalog? {
    messages.compactMap { if case .catalog(let catalog) = $0 { catalog } else { nil } }.last
  }

  /// The streams of `catalog`, to be read incrementally.
  static func configured(_ catalog: Catalog, only names: Set<String>? = nil) -> ConfiguredCatalog {
    ConfiguredCatalog(
      streams: catalog.streams.filter { names?.contains($0.name) ?? true }.map {
        ConfiguredStream(stream: $0, syncMode: .incremental, destinationSyncMode: .appendDedup, primaryKey: $0.sourceDefinedPrimaryKey)
      })
  }
}

/// A folder that goes away with its last reference.
final class RunFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("scv-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ json: JSON) throws -> String { try write(name, json.text()) }

  func write(_ name: String, bytes: [UInt8]) throws { try Data(bytes).write(to: URL(filePath: "\(path)/\(name)")) }

  func write(_ name: String, _ text: String) throws -> String {
    try text.write(toFile: "\(path)/\(name)", atomically: false, encoding: .utf8)
    return "\(path)/\(name)"
  }
}
