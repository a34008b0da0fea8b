import Diagnostics

extension Diagnostic {
  /// A state that a stream cannot go on from: it is not what this connector writes.
  ///
  /// - Parameter problem: what is wrong, after "the state ": `says that 'updated_at' is 5`.
  public static func malformedState(_ problem: String) -> Diagnostic {
    Diagnostic(
      .configuration, "state.malformed", "the state \(problem)", hint: "read the stream anew without it (scv sync --full-refresh), or put an older state back")
  }
}
