import AirbyteProtocol
import Diagnostics
import HTTP

/// An error as the protocol tells it: in one sentence, in full, and who has to act.
struct SourceFailure {
  let type: TraceMessage.SourceError.FailureType
  /// What happened and what to try, in a line.
  let summary: String
  /// The whole diagnostic.
  let details: String

  init(_ error: any Error, _ redactor: Redactor) {
    let diagnostics = SourceFailure.diagnostics(of: error)
    type = SourceFailure.type(of: error)
    summary = redactor.redact(diagnostics.map(SourceFailure.line).joined(separator: "; "))
    details = redactor.redact(diagnostics.map(\.description).joined(separator: "\n"))
  }

  private static func diagnostics(of error: any Error) -> [Diagnostic] {
    switch error {
    case let failure as HTTPFailure: [failure.diagnostic]
    case let diagnostic as Diagnostic: [diagnostic]
    case let several as Diagnostics: several.all
    default: [Diagnostic(.system, "connector.unexpected", "the connector failed: \(error)")]
    }
  }

  private static func type(of error: any Error) -> TraceMessage.SourceError.FailureType {
    if let failure = error as? HTTPFailure {
      switch failure.kind {
      case .status(401), .status(403), .status(404), .certificate: return .config
      case .request: return failure.diagnostic.code == "http.changed-download" ? .transient : .config
      default: return failure.isTransient ? .transient : .system
      }
    }
    let categories = diagnostics(of: error).map(\.category)
    return categories.allSatisfy { $0 == .configuration || $0 == .usage } ? .config : .system
  }

  private static func line(_ diagnostic: Diagnostic) -> String {
    var text = diagnostic.message
    if let place = diagnostic.location?.description, !place.isEmpty { text += " (\(place))" }
    if let cause = diagnostic.cause, !cause.isEmpty { text += ": \(cause.hasSuffix(".") ? String(cause.dropLast()) : cause)" }
    if let hint = diagnostic.hint, !hint.isEmpty { text += ". Try: \(hint.hasSuffix(".") ? String(hint.dropLast()) : hint)" }
    return text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
