import DataFormats
import FoundationEssentials

/// The results that `retry` goes by: those of the last command that ran nodes. `show` writes run_results.json too, as dbt's does,
/// and a look at a table must not make the failures of the run before it forgotten.
enum LastRun {
  private static let kept = "run_results.last_run.json"

  /// Puts run_results.json aside if it is of a command that can be retried; called before a look overwrites it.
  static func keep(in folder: String) throws {
    let path = folder + "/run_results.json"
    guard let results = read(path), isLook(results) == false else { return }
    let files = FileManager.default
    try? files.removeItem(atPath: folder + "/" + kept)
    try files.moveItem(atPath: path, toPath: folder + "/" + kept)
  }

  /// The results of the last command that ran nodes; nil if there are none.
  static func results(in folder: String) throws -> JSON? {
    guard let bytes = FileManager.default.contents(atPath: folder + "/run_results.json") else { return nil }
    let results = try JSON.parse([UInt8](bytes))
    return isLook(results) ? read(folder + "/" + kept) ?? results : results
  }

  private static func read(_ path: String) -> JSON? {
    FileManager.default.contents(atPath: path).flatMap { try? JSON.parse([UInt8]($0)) }
  }

  private static func isLook(_ results: JSON) -> Bool { results["args"]?["which"]?.string == "show" }
}
