import AirbyteProtocol
import DataFormats
import Diagnostics
import FoundationEssentials
import Glibc

/// A connector that comes as a Python package: `connector: pip:airbyte-source-faker==7.2.1`.
///
/// Each package has a virtual environment of its own below `.scv/venvs` in the project's folder, since two connectors rarely agree
/// on their dependencies. It is made when the connection is first used, and made anew when the requirement changes. What stands
/// behind `pip:` is a requirement as pip takes it (https://pip.pypa.io/en/stable/reference/requirement-specifiers/), a folder or a wheel.
struct PythonPackage {
  /// What pip is asked for.
  let requirement: String
  private let folder: String
  private static let prefix = "pip:"

  /// - Returns: nil if the first word of a connector's command is no Python package.
  init?(_ word: String, projectFolder: String) {
    guard word.hasPrefix(PythonPackage.prefix) else { return nil }
    var requirement = String(word.dropFirst(PythonPackage.prefix.count))
    if requirement.hasPrefix("./") || requirement.hasPrefix("../") { requirement = projectFolder + "/" + requirement }
    self.requirement = requirement
    let end = requirement.firstIndex { "=<>!~[;@ ".contains($0) } ?? requirement.endIndex
    let name = requirement[..<end].split(separator: "/").last.map(String.init) ?? "package"
    folder = projectFolder + "/.scv/venvs/" + String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) ? $0 : "_" })
  }

  /// The package's program, installed if need be.
  ///
  /// - Parameter tell: is told what is being done, which takes a while.
  /// - Throws: `Diagnostic` (`connector.install`, `sync.interrupted`).
  func program(patience: Double, tell: (String) -> Void) throws -> String {
    try writing { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    let lock = open(folder + "/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    defer { if lock >= 0 { close(lock) } }
    if lock >= 0 { flock(lock, LOCK_EX) }
    if let program = installed { return program }
    tell("making a Python environment for \(requirement) in \(folder)")
    // A folder without its note is half made, or of another requirement.
    try run(["python3", "-m", "venv", "--clear", folder + "/env"], patience)
    tell("installing \(requirement); this takes a while the first time")
    try run([folder + "/env/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", requirement], patience)
    let program = folder + "/env/bin/" + (try script(patience))
    try writing { try Data("\(requirement)\n\(program)\n".utf8).write(to: URL(filePath: folder + "/installed"), options: .atomic) }
    tell("installed \(requirement): \(program)")
    return program
  }

  private func writing(_ body: () throws -> Void) throws {
    do { try body() } catch {
      throw Diagnostic(
        .system, "connector.install", "the environment of the Python package \(requirement) cannot be written", at: SourceLocation(file: folder),
        hint: "check who may write there, and whether the disk is full", cause: "\(error)")
    }
  }

  private var installed: String? {
    guard let note = FileManager.default.contents(atPath: folder + "/installed") else { return nil }
    let lines = String(decoding: note, as: UTF8.self).split(separator: "\n").map(String.init)
    guard lines.count == 2, lines[0] == requirement, FileManager.default.isExecutableFile(atPath: lines[1]) else { return nil }
    return lines[1]
  }

  /// The program that the package brings: the only one, or the one that is named like a source or a tap.
  private func script(_ patience: Double) throws -> String {
    // What was asked for, not what came along with it.
    let list = """
      from importlib.metadata import distributions
      found = {}
      for one in distributions():
          asked = one.read_text('REQUESTED') is not None
          for entry in one.entry_points:
              if entry.group == 'console_scripts' and asked and one.metadata['Name'].lower() not in ('pip', 'setuptools', 'wheel'):
                  found[entry.name] = 1
      print('\\n'.join(found))
      """
    let answer = try run([folder + "/env/bin/python", "-c", list], patience)
    let names = String(decoding: answer.output, as: UTF8.self).split(separator: "\n").map(String.init)
    let fitting = names.filter { $0.hasPrefix("source-") || $0.hasPrefix("tap-") }
    if let name = fitting.first ?? (names.count == 1 ? names.first : nil) { return name }
    throw Diagnostic(
      .connector, "connector.install", "the package \(requirement) brings no program that is named like a source or a tap",
      hint: names.isEmpty ? "is it a connector?" : "name the program: it is one of \(names.map { folder + "/env/bin/" + $0 }.joined(separator: ", "))")
  }

  @discardableResult
  private func run(_ command: [String], _ patience: Double) throws -> ConnectorQuestion.Answer {
    var command = command
    if !command[0].hasPrefix("/") { command = ["/usr/bin/env"] + command }
    let answer = try ConnectorQuestion.ask(command, in: folder, patience: patience)
    guard answer.ending.isSuccess else {
      throw Diagnostic(
        .connector, "connector.install", "the Python package \(requirement) cannot be installed (\(answer.ending))",
        hint: "is the name right, is python3 with venv there (apt-get install python3-venv), and does pip reach its index?",
        cause: (answer.errors.suffix(5) + String(decoding: answer.output, as: UTF8.self).split(separator: "\n").suffix(3).map(String.init)).joined(
          separator: "\n"))
    }
    return answer
  }
}
