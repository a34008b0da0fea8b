/// Takes secrets out of texts that leave the process: logs, errors, artifacts.
///
/// A secret is replaced wherever it stands, also in its percent-encoded form, by `****`. Values under four characters
/// are not secrets that hiding would protect, and hiding them would garble every text; they are left alone.
public struct Redactor: Sendable {
  private let forms: [String]

  /// A redactor for `secrets`; longer ones are replaced first, so that one that contains another goes whole.
  public init(_ secrets: some Sequence<String> = []) {
    var forms: Set<String> = []
    for secret in secrets where secret.utf8.count >= 4 {
      forms.insert(secret)
      forms.insert(secret.percentEncoded)
      // A secret inside a JSON text stands there escaped.
      forms.insert(secret.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))
      for line in secret.split(whereSeparator: \.isNewline) where line.utf8.count >= 8 { forms.insert(String(line)) }
    }
    self.forms = forms.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
  }

  /// Whether there is nothing to hide.
  public var isEmpty: Bool { forms.isEmpty }

  /// `text` without the secrets.
  public func redact(_ text: String) -> String {
    var result = text
    for form in forms where result.contains(form) { result = result.replacing(form, with: "****") }
    return result
  }

  /// `diagnostic` with the secrets taken out of every text that it shows.
  public func redact(_ diagnostic: Diagnostic) -> Diagnostic {
    guard !isEmpty else { return diagnostic }
    var clean = diagnostic
    clean.message = redact(diagnostic.message)
    clean.hint = diagnostic.hint.map(redact)
    clean.cause = diagnostic.cause.map(redact)
    clean.trail = diagnostic.trail.map(redact)
    clean.window?.lines = (diagnostic.window?.lines ?? []).map(redact)
    return clean
  }
}
