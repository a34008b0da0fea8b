import Diagnostics
import FoundationEssentials
import Glibc

/// A connector as connections.yml names it: a command line whose first word is a program.
///
/// The program is looked for as a path relative to the project's folder if it has a slash, else in the project's folders `bin`
/// and `connectors`, beside scv itself, and on PATH. `pip:NAME` is a Python package (see `PythonPackage`).
struct ConnectorCommand {
  /// The words of the command line.
  let words: [String]

  /// Splits a command line as a shell would: at blanks, except inside quotes; a backslash takes the next character as it is.
  ///
  /// - Throws: `Diagnostic` (`connector.command`) if a quote is not closed, or nothing is there.
  init(_ line: String) throws {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var escaped = false
    for character in line {
      if escaped {
        word = (word ?? "") + String(character)
        escaped = false
      } else if character == "\\" && quote != "'" {
        escaped = true
      } else if let open = quote {
        if character == open { quote = nil } else { word = (word ?? "") + String(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if character.isWhitespace {
        if let complete = word { words.append(complete) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if let complete = word { words.append(complete) }
    guard quote == nil, !escaped, words.first?.isEmpty == false else {
      throw Diagnostic(.configuration, "connector.command", "the connector's command '\(line)' cannot be read", hint: "is a quote not closed?")
    }
    self.words = words
  }

  /// A command of words that are apart already.
  init(words: [String]) {
    self.words = words
  }

  /// The command with the program's full path.
  ///
  /// - Throws: `Diagnostic` (`connector.not-found`, `connector.not-executable`) with the places that were searched.
  func resolve(projectFolder: String, environment: [String: String]) throws -> [String] {
    let program = words.first ?? ""
    // It is found, or made, when the connection is used.
    if PythonPackage(program, projectFolder: projectFolder) != nil { return words }
    let folders = ConnectorCommand.folders(projectFolder, environment)
    var tried: [String] = []
    let candidates =
      program.hasPrefix("/")
      ? [program]
      : program.hasPrefix("~/")
        ? [(environment["HOME"] ?? "") + program.dropFirst()]
        : program.contains("/") ? [projectFolder + "/" + program] : folders.map { $0 + "/" + program }
    for candidate in candidates {
      var status = stat()
      guard stat(candidate, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
        tried.append(candidate)
        continue
      }
      guard access(candidate, X_OK) == 0 else {
        throw Diagnostic(
          .configuration, "connector.not-executable", "the connector '\(program)' may not be executed", at: SourceLocation(file: candidate),
          hint: "make it executable: chmod +x \(candidate)")
      }
      return [candidate] + words.dropFirst()
    }
    throw missing(program, tried, folders)
  }

  private func missing(_ program: String, _ tried: [String], _ folders: [String]) -> Diagnostic {
    var known: Set<String> = []
    for folder in folders {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasPrefix("source-") || name.hasPrefix("tap-") {
        if !name.contains(".") { known.insert(name) }
      }
    }
    var hint = Suggestion.didYouMean(program, among: known) ?? (known.isEmpty ? nil : "there are: \(known.sorted().prefix(10).joined(separator: ", "))")
    let places = program.contains("/") ? tried : folders
    hint = (hint.map { $0 + "; " } ?? "") + "looked in: " + places.prefix(12).joined(separator: ", ")
    return Diagnostic(.configuration, "connector.not-found", "there is no connector '\(program)'", hint: hint)
  }

  private static func folders(_ projectFolder: String, _ environment: [String: String]) -> [String] {
    var folders = [projectFolder + "/bin", projectFolder + "/connectors", projectFolder + "/.venv/bin"]
    var path = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &path, path.count - 1)
    if count > 0 {
      let own = String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if let slash = own.lastIndex(of: "/") { folders.append(String(own[..<slash])) }
    }
    for folder in (environment["PATH"] ?? "").split(separator: ":") where !folders.contains(String(folder)) { folders.append(String(folder)) }
    return folders
  }
}
