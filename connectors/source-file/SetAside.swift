import ConnectorKit
import Diagnostics

/// Lines that are no records: the first stops the stream, or all are set aside and named, as the user has chosen.
struct SetAside {
  private static let mostNamed = 20

  private let options: FileStreamOptions
  private let session: SourceSession
  private var count = 0

  init(_ options: FileStreamOptions, _ session: SourceSession) {
    self.options = options
    self.session = session
  }

  mutating func take(_ problem: Diagnostic) throws {
    if options.onError == .fail {
      var fatal = problem
      let hint = "set \"on_error\": \"skip\" in the stream '\(options.name)' to set such lines aside"
      fatal.hint = problem.hint.map { "\($0); or \(hint)" } ?? hint
      throw fatal
    }
    count += 1
    if count <= SetAside.mostNamed {
      try session.log(.warn, "\(options.name): set aside \(problem.location?.description ?? "a line"): \(problem.message)")
    }
  }

  /// Tells how many lines were set aside.
  func finish() throws {
    if count > 0 { try session.log(.warn, "\(options.name): \(count) \(count == 1 ? "line was" : "lines were") set aside") }
  }
}
