import Foundation
import Subprocess
import Testing

/// What a program did.
struct Outcome {
  var code: Int
  var output: String
  var errors: String

  var text: String { output + errors }
}

/// Runs the executables that were built beside the tests.
enum Program {
  static let folder: String = {
    let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let beside = (executable as NSString).deletingLastPathComponent
    // Swift Testing runs inside the package's test bundle, which lies beside the executables; or inside the toolchain's helper.
    if FileManager.default.isExecutableFile(atPath: beside + "/scv") { return beside }
    for argument in CommandLine.arguments where argument.hasSuffix(".xctest") { return (argument as NSString).deletingLastPathComponent }
    return FileManager.default.currentDirectoryPath + "/.build/debug"
  }()

  static func run(_ name: String = "scv", _ arguments: [String], in workingFolder: String, environment: [String: String] = [:]) async throws -> Outcome {
    let result = try await Subprocess.run(
      .path(.init(folder + "/" + name)), arguments: Arguments(arguments), environment: .inherit.updating(variables(workingFolder, environment)),
      workingDirectory: .init(workingFolder), output: .string(limit: 64 << 20), error: .string(limit: 64 << 20))
    var code = -1
    if case .exited(let status) = result.terminationStatus { code = Int(status) }
    return Outcome(code: code, output: result.standardOutput, errors: result.standardError)
  }

  /// Runs a script of the shell, which finds the executables first.
  static func bash(_ script: String, in workingFolder: String) async throws -> Outcome {
    let result = try await Subprocess.run(
      .path("/bin/bash"), arguments: ["-c", script], environment: .inherit.updating(variables(workingFolder, [:])),
      workingDirectory: .init(workingFolder), output: .string(limit: 64 << 20), error: .string(limit: 64 << 20))
    return Outcome(code: 0, output: result.standardOutput, errors: result.standardError)
  }

  /// Starts a program and kills it, as the kernel would for want of memory, after `delay` seconds.
  static func runAndKill(_ name: String, _ arguments: [String], in workingFolder: String, environment: [String: String], after delay: Double) async throws {
    _ = try await Subprocess.run(
      .path(.init(folder + "/" + name)), arguments: Arguments(arguments), environment: .inherit.updating(variables(workingFolder, environment)),
      workingDirectory: .init(workingFolder), input: .none, output: .discarded, error: .discarded
    ) { execution in
      try await Task.sleep(for: .seconds(delay))
      try? execution.send(signal: .kill)
    }
  }

  /// No settings of the machine that the tests run on, the executables first on the path, and what a test adds.
  private static func variables(_ home: String, _ added: [String: String]) -> [Environment.Key: String?] {
    let inherited = ProcessInfo.processInfo.environment
    var variables: [Environment.Key: String?] = ["NO_COLOR": "1", "HOME": home]
    for name in inherited.keys where name.hasPrefix("DBT_") || name.hasPrefix("SCV_") { variables[Environment.Key(stringLiteral: name)] = String?.none }
    variables["PATH"] = folder + ":" + (inherited["PATH"] ?? "")
    for (name, value) in added { variables[Environment.Key(stringLiteral: name)] = value }
    return variables
  }
}

/// A project in a folder of its own, which is gone after the test.
final class TemporaryProject {
  let path = NSTemporaryDirectory() + "scv-project-" + UUID().uuidString

  /// Writes `files` (by path) beside a minimal dbt_project.yml and profiles.json, which they may replace.
  init(_ files: [String: String] = [:]) throws {
    var all = [
      "dbt_project.yml": "name: shop\nversion: '1.0'\nprofile: scv\ntest-paths: [data-tests]\n",
      "profiles.json": #"{"scv": {"target": "dev", "outputs": {"dev": {"type": "sqlite", "path": "warehouse.db"}}}}"#,
    ]
    for (name, text) in files { all[name] = text }
    for (name, text) in all where !text.isEmpty { try write(name, text) }
  }

  func write(_ name: String, _ text: String) throws {
    let file = path + "/" + name
    try FileManager.default.createDirectory(atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try text.write(toFile: file, atomically: true, encoding: .utf8)
  }

  func scv(_ arguments: String..., environment: [String: String] = [:]) async throws -> Outcome {
    try await Program.run("scv", arguments, in: path, environment: environment)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
