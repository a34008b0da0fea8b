import ArgumentParser
import Diagnostics
@preconcurrency import Glibc
import Transform

/// Tells the user what went wrong, and the shell how badly.
enum ErrorReport {
  /// Prints `error` and ends the process: 0 for help and version, 1 for a failed run, 2 for usage and projects.
  static func leave(_ error: any Error) -> Never {
    switch error {
    case let error as Diagnostic:
      encountered([error])
      exit(error.category.exitCode)
    case let error as Diagnostics:
      for warning in error.warnings { show(warning) }
      encountered(error.errors, remainder: error.remainder)
      exit(error.errors.map(\.category.exitCode).max() ?? 1)
    case let error as UnstartedRun:
      encountered([error.cause])
      exit(2)
    case let code as ExitCode:
      exit(code.rawValue)
    default:
      let code = Scv.exitCode(for: error)
      let message = Scv.fullMessage(for: error)
      if code == .validationFailure, let better = StrayArgument.diagnostic(message, Array(CommandLine.arguments.dropFirst())) { leave(better) }
      Terminal.write(message.isEmpty ? "" : message + "\n", to: code == .success ? stdout : stderr)
      fflush(stdout)
      // ArgumentParser's own code for wrong usage is 64; ours, as dbt's, is 2.
      exit(code == .success ? 0 : code == .validationFailure ? 2 : max(1, min(code.rawValue, 2)))
    }
  }

  /// Prints errors that ended the command, as dbt introduces them: tools look for this line.
  ///
  /// - Parameter remainder: a line about errors that are left out.
  static func encountered(_ diagnostics: [Diagnostic], remainder: String? = nil) {
    if let log = EventLog.current.withLock({ $0 }) {
      let text = "Encountered an error:\n" + diagnostics.map(\.description).joined(separator: "\n")
      let event = LogEvent(name: "MainEncounteredError", code: "Z002", level: .error, message: text, data: ["exc": .string(text)])
      if log.format == .json { log.emit(event) } else { log.toFile(event) }
      log.flush()
    }
    fflush(stdout)
    Terminal.write("Encountered an error:\n", to: stderr)
    for diagnostic in diagnostics { show(diagnostic) }
    if let remainder { Terminal.write(remainder + "\n", to: stderr) }
  }

  /// Prints one error or warning.
  static func show(_ diagnostic: Diagnostic, to stream: UnsafeMutablePointer<FILE> = stderr) {
    let text = Terminal.secrets.scrub(diagnostic.description)
    let terminal = stream == stderr ? Terminal.standardError : Terminal.standardOutput
    guard terminal.hasColour, let colon = text.firstIndex(of: ":") else {
      Terminal.write(text + "\n", to: stream)
      return
    }
    let colour: Terminal.Style = diagnostic.severity == .warning ? .yellow : .red
    Terminal.write(terminal.styled(String(text[..<colon]), colour, .bold) + text[colon...] + "\n", to: stream)
  }
}
