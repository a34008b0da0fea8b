import Foundation

/// A dbt project in a folder of its own, which is gone after the test.
open class ProjectFolder {
  /// Where the project is.
  public let path = NSTemporaryDirectory() + "scv-project-" + UUID().uuidString

  /// Writes `files` (by path) beside a minimal dbt_project.yml and profiles.json, which they may replace.
  public init(_ files: [String: String]) throws {
    let all = [
      "dbt_project.yml": "name: shop\nversion: '1.0'\nprofile: scv\n",
      "profiles.json": #"{"scv": {"target": "dev", "outputs": {"dev": {"type": "sqlite", "path": "warehouse.db"}}}}"#,
    ].merging(files) { $1 }
    for (name, text) in all { try write(name, text) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, making its folder.
  public func write(_ name: String, _ text: String) throws {
    let file = path + "/" + name
    try FileManager.default.createDirectory(atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try text.write(toFile: file, atomically: true, encoding: .utf8)
  }

  /// Reads a file of the project.
  public func read(_ name: String) throws -> String { try String(contentsOfFile: path + "/" + name, encoding: .utf8) }
}
