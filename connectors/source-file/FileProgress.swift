import ConnectorKit
import DataFormats
import Diagnostics

/// Which files have been read, in which version: the state.
///
/// `{"_ab_source_file_last_modified": …, "files": {"logs/a.jsonl": {"version": …, "records": 1000}}}`; `records` stands there as
/// long as the file has not been read to its end.
struct FileProgress {
  private struct Reading {
    var version: String
    var records: Int?
  }

  private var files: [String: Reading] = [:]
  private var latest: Instant?

  /// - Throws: `Diagnostic` (`state.malformed`).
  init(_ state: JSON?) throws {
    if let files = state?["files"], !files.isNull, files.object == nil { throw Diagnostic.malformedState("says that 'files' is \(files.text().prefix(40))") }
    for (url, reading) in state?["files"]?.object ?? [:] {
      guard let version = reading["version"]?.string else { continue }
      files[url] = Reading(version: version, records: reading["records"]?.int.map(Int.init))
    }
    latest = state?[FileStream.modifiedField]?.string.flatMap { Instant($0) }
  }

  /// How many records of a file have been read; nil if all of them have.
  func recordsRead(of entry: FileEntry) -> Int? {
    guard let reading = files[entry.url], let version = entry.version, reading.version == version else { return 0 }
    return reading.records
  }

  /// Takes note that a file has been read up to a record, or, with nil, to its end.
  mutating func note(_ entry: FileEntry, records: Int?) {
    files[entry.url] = Reading(version: entry.version ?? "", records: records)
    if let modified = entry.modified, records == nil { latest = max(latest ?? modified, modified) }
  }

  var state: JSON {
    var readings: JSON = [:]
    for (url, reading) in files.sorted(by: { $0.key < $1.key }) {
      readings[url] = reading.records.map { ["version": .string(reading.version), "records": .int(Int64($0))] } ?? ["version": .string(reading.version)]
    }
    var state: JSON = [:]
    if let latest { state[FileStream.modifiedField] = .string(latest.text(decimals: 6)) }
    state["files"] = readings
    return state
  }
}
