import DataFormats
import Diagnostics
import Project

extension EventWindow {
  /// The window that `--sample` names: `3 days` until now, or `{start: 2026-01-01, end: 2026-02-01}`.
  ///
  /// - Throws: `Diagnostic` (`usage.sample`).
  public init(sample text: String, environment: [String: String]) throws {
    func failure(_ message: String) -> Diagnostic {
      Diagnostic(.usage, "usage.sample", message, hint: #"write for example --sample "3 days", or --sample "{start: 2026-01-01, end: 2026-02-01}""#)
    }
    if text.contains("{") {
      guard let members = try YAMLDocument(parsing: text).value.object, let start = members["start"].flatMap({ CivilTime(iso: $0.plainText) }),
        let end = members["end"].flatMap({ CivilTime(iso: $0.plainText) })
      else { throw failure("--sample needs a start and an end: '\(text)'") }
      self.init(start: start.inUTC, end: end.inUTC)
      return
    }
    let words = text.split(separator: " ")
    guard words.count == 2 else { throw failure("Cannot load SAMPLE_WINDOW from '\(text)'. Must be of form 'DAYS_INT GRAIN_SIZE'.") }
    guard let count = Int(words[0]) else { throw failure("Unable to convert '\(words[0])' to an integer.") }
    let grain = words[1].lowercased()
    guard let size = BatchSize(rawValue: grain.hasSuffix("s") ? String(grain.dropLast()) : grain) else {
      let names = BatchSize.allCases.flatMap { [$0.rawValue, $0.rawValue + "s"] }
      throw failure("Invalid grain size '\(words[1])'. Must be one of \(names).")
    }
    let now = CivilTime.now(environment)
    self.init(start: size.moved(now, -count), end: now)
  }
}
