import Artifacts
import DataFormats
import Diagnostics
import FoundationEssentials
@preconcurrency import Glibc
import Synchronization

/// Where events go: to the terminal, as lines or as JSON, and to the file `dbt.log`.
final class EventLog: Sendable {
  /// How events are written.
  enum Format: String, Sendable {
    /// A line with the time of day.
    case text
    /// The same with microseconds and level.
    case debug
    /// One JSON object a line, in dbt's shape.
    case json
  }

  /// The log of this process, once a command has made it; errors that end the command go there.
  static let current = Mutex<EventLog?>(nil)

  /// The id of this invocation, which every event bears.
  let invocationID: String
  /// How events are written to the terminal.
  let format: Format
  private let level: LogEvent.Level
  private let fileFormat: Format
  private let fileLevel: LogEvent.Level
  private let file: Mutex<UnsafeMutablePointer<FILE>?>

  /// A log; see the properties of `ProjectOptions` for the settings.
  ///
  /// - Parameter folder: where `dbt.log` is; what cannot be written there is not written.
  init(
    invocationID: String = UUID().uuidString.lowercased(), format: Format = .text, level: LogEvent.Level = .info, folder: String? = nil,
    fileFormat: Format = .debug, fileLevel: LogEvent.Level = .debug
  ) {
    self.invocationID = invocationID
    self.format = format
    self.level = level
    self.fileFormat = fileFormat
    self.fileLevel = fileLevel
    var stream: UnsafeMutablePointer<FILE>?
    if let folder, fileLevel != .none {
      try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      stream = fopen(folder + "/dbt.log", "ae")
    }
    let opened = stream
    file = Mutex(opened)
  }

  deinit {
    file.withLock { if let stream = $0 { fclose(stream) } }
  }

  /// Whether lines for people are shown at all.
  var isQuiet: Bool { level > .info }

  /// Takes one event; from any thread.
  func emit(_ event: LogEvent) {
    let now = Date()
    if event.level >= level || event.isOutput {
      switch format {
      case .json: Terminal.say(Terminal.secrets.scrub(json(event, now)))
      case .text: Terminal.say(Terminal.secrets.scrub(event.isOutput || event.message.isEmpty ? event.message : RunView.stamp() + event.message))
      case .debug: Terminal.say(Terminal.secrets.scrub(debugLine(event, now)))
      }
    }
    guard event.level >= fileLevel else { return }
    let line = fileFormat == .json ? json(event, now) : debugLine(event, now)
    file.withLock { if let stream = $0 { Terminal.write(Terminal.secrets.scrub(line) + "\n", to: stream) } }
  }

  /// Takes a diagnostic: an error or a warning of the project, or of a node.
  func emit(_ diagnostic: Diagnostic, name: String, code: String, data: [String: JSON] = [:]) {
    let level: LogEvent.Level = diagnostic.severity == .warning ? .warn : .error
    var event = LogEvent(name: name, code: code, level: level, message: diagnostic.description)
    event.data["exc"] = .string(diagnostic.message)
    for (key, value) in data { event.data[key] = value }
    guard format == .text, level >= self.level else { return emit(event) }
    ErrorReport.show(diagnostic, to: stdout)
    event.isOutput = false
    toFile(event)
  }

  /// Writes an event to the file alone.
  func toFile(_ event: LogEvent) {
    guard event.level >= fileLevel else { return }
    let now = Date()
    let line = fileFormat == .json ? json(event, now) : debugLine(event, now)
    file.withLock { if let stream = $0 { Terminal.write(Terminal.secrets.scrub(line) + "\n", to: stream) } }
  }

  /// Writes what is buffered: before the process ends.
  func flush() {
    file.withLock { if let stream = $0 { fflush(stream) } }
  }

  private func debugLine(_ event: LogEvent, _ now: Date) -> String {
    let time = LogTime.text(now).dropFirst(11).dropLast()
    let level = event.level.rawValue + String(repeating: " ", count: 5 - min(5, event.level.rawValue.count))
    return "\(time) [\(level)] [\(event.thread)]: \(event.message)"
  }

  /// Free annotations, as artifacts have them.
  private let extra = JSON.object(ArtifactMetadata.custom(ProcessInfo.processInfo.environment).mapValues { .string($0) })

  private func json(_ event: LogEvent, _ now: Date) -> String {
    let object: JSON = [
      "data": .object(event.data.merging(["msg": .string(event.message)]) { first, _ in first }),
      "info": [
        "category": "", "code": .string(event.code), "extra": extra, "invocation_id": .string(invocationID), "level": .string(event.level.rawValue),
        "msg": .string(event.message), "name": .string(event.name), "pid": .int(Int64(getpid())), "thread": .string(event.thread),
        "ts": .string(LogTime.text(now)),
      ],
    ]
    return object.text()
  }
}

/// Times as logs write them.
enum LogTime {
  /// ISO 8601 in UTC with microseconds.
  static func text(_ date: Date) -> String {
    let microseconds = Int64((date.timeIntervalSince1970 * 1_000_000).rounded())
    var seconds = time_t(microseconds / 1_000_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func padded(_ number: Int, _ width: Int = 2) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    return "\(parts.tm_year + 1900)-\(padded(Int(parts.tm_mon) + 1))-\(padded(Int(parts.tm_mday)))T\(padded(Int(parts.tm_hour))):"
      + "\(padded(Int(parts.tm_min))):\(padded(Int(parts.tm_sec))).\(padded(Int(microseconds % 1_000_000), 6))Z"
  }
}
