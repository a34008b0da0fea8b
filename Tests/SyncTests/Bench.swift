import AirbyteProtocol
import DataFormats
import Diagnostics
import FoundationEssentials
import Glibc
import Sync
import Testing
import Warehouse

/// A project in a temporary folder whose only connector is a shell script that plays back what the test tells it.
final class Bench: Sendable {
  let folder: String
  let adapter: SQLiteAdapter

  init() throws {
    var template = Array("/tmp/scv-sync-tests-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Diagnostic(.system, "test.folder", "no folder") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    adapter = try SQLiteAdapter(.prefixes(path: folder + "/warehouse.db", defaultSchema: "main"))
    try write("source", Bench.script, executable: true)
  }

  deinit {
    try? adapter.close()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Answers as an Airbyte source and as a Singer tap, from files; notes with which state and configuration it was started. The file
  /// `play.sh`, if there is one, runs instead of the reading.
  private static let script = """
    #!/bin/sh
    here=$(dirname "$0")
    while [ $# -gt 0 ]; do
      case $1 in
        spec|check|discover|read) verb=$1;;
        --discover) verb=discover;;
        --state) cat "$2" > "$here/given-state.json"; state=yes; shift;;
        --config) cat "$2" > "$here/given-config.json"; shift;;
        --catalog) cat "$2" > "$here/given-catalog.json"; shift;;
      esac
      shift
    done
    case $verb in
      spec) cat "$here/spec.jsonl" 2>/dev/null; exit 0;;
      discover) cat "$here/catalog.jsonl"; exit $(cat "$here/discover-exit.txt" 2>/dev/null || echo 0);;
    esac
    [ "$state" ] || rm -f "$here/given-state.json"
    [ -f "$here/play.sh" ] && . "$here/play.sh"
    cat "$here/messages.jsonl"
    [ -f "$here/errors.txt" ] && cat "$here/errors.txt" >&2
    exit $(cat "$here/exit.txt" 2>/dev/null || echo 0)
    """

  func write(_ name: String, _ text: String, executable: Bool = false) throws {
    try Data(text.utf8).write(to: URL(filePath: folder + "/" + name))
    if executable { chmod(folder + "/" + name, 0o755) }
  }

  func write(_ name: String, bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(filePath: folder + "/" + name))
  }

  func read(_ name: String) -> String? {
    FileManager.default.contents(atPath: folder + "/" + name).map { String(decoding: $0, as: UTF8.self) }
  }

  static let users: JSON = [
    "type": "object",
    "properties": [
      "id": ["type": "integer"], "name": ["type": ["null", "string"]], "amount": ["type": ["null", "number"]],
      "updated_at": ["type": "string", "format": "date-time"],
    ],
  ]

  /// Offers one stream.
  func offer(
    _ schema: JSON = Bench.users, name: String = "users", incremental: Bool = true, key: [[String]] = [["id"]], cursor: [String] = ["updated_at"],
    resumable: Bool = false
  ) throws {
    let stream = CatalogStream(
      name: name, jsonSchema: schema, supportedSyncModes: incremental ? [.fullRefresh, .incremental] : [.fullRefresh], defaultCursorField: cursor,
      sourceDefinedPrimaryKey: key, isResumable: resumable)
    try write("catalog.jsonl", Message.catalog(Catalog(streams: [stream])).json.text())
  }

  /// Lets the source say `lines` and end with `code`.
  func say(_ lines: [String], exit code: Int = 0) throws {
    try write("messages.jsonl", lines.map { $0 + "\n" }.joined())
    try write("exit.txt", String(code))
  }

  static func record(_ data: JSON, stream: String = "users", at time: Int64 = 1_700_000_000_000) -> String {
    Message.record(RecordMessage(stream: stream, data: data, emittedAt: time)).json.text()
  }

  static func state(_ state: JSON, stream: String = "users", count: Double? = nil) -> String {
    Message.state(StateMessage(stream: stream, state: state, recordCount: count)).json.text()
  }

  static func status(_ status: TraceMessage.StreamStatus.Status, stream: String = "users") -> String {
    Message.trace(.streamStatus(.init(stream: .init(name: stream), status: status)), emittedAt: 1).json.text()
  }

  func connection(
    _ mode: SyncMode? = nil, _ destination: DestinationSyncMode? = nil, config: JSON = [:], dialect: Connection.Dialect = .airbyte, name: String = "toy"
  ) -> Connection {
    var connection = Connection(name: name, command: [folder + "/source"], dialect: dialect, config: config)
    connection.retry.attempts = 1
    if mode != nil || destination != nil {
      var selection = Connection.StreamSelection(name: "users")
      selection.syncMode = mode
      selection.destinationSyncMode = destination
      connection.streams = [selection]
    }
    return connection
  }

  @discardableResult
  func sync(_ connection: Connection, fullRefresh: Bool = false, onEvent: @escaping @Sendable (SyncEvent) -> Void = { _ in }) -> ConnectionResult {
    var options = SyncOptions(projectFolder: folder)
    options.fullRefresh = fullRefresh
    return SyncRunner(adapter: adapter, options: options).sync([connection], onEvent: onEvent)[0]
  }

  func rows(_ sql: String) throws -> [[SQLValue]] {
    try adapter.query(sql).rows
  }

  /// The first column of all rows, as text.
  func texts(_ sql: String) throws -> [String?] {
    try rows(sql).map { $0[0].text }
  }

  /// The state that the source was given when it was last read.
  var givenState: JSON? {
    read("given-state.json").flatMap { try? JSON.parse($0) }
  }
}

extension SQLValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral {
  /// The value of an integer in a test.
  public init(integerLiteral value: Int64) { self = .integer(value) }
  /// The value of a decimal in a test.
  public init(floatLiteral value: Double) { self = .real(value) }
  /// The value of a text in a test.
  public init(stringLiteral value: String) { self = .text(value) }
  /// The value of NULL in a test.
  public init(nilLiteral: ()) { self = .null }
}
