import ConnectorKit
import DataFormats
import Diagnostics

/// Which files have been read, in which version: the state.
///
/// `{"_ab_source_file_last_modified": …, "options": …, "files": {"logs/a.jsonl": {"version": …, "records": 1000}}}`; `records` stands
/// there as long as the file has not been read to its end, `whole` is how many it had then. `options` tells whether the files
/// were read as they would be now.
struct FileProgress {
  private struct Reading {
    var version: String
    var records: Int?
    var whole: Int?
  }

  private var files: [String: Reading] = [:]
  private var latest: Instant?
  private let options: String
  /// Whether files were read in another way before, so that they have to be read again.
  let isOutdated: Bool

  /// - Parameter options: how the files are read.
  /// - Throws: `Diagnostic` (`state.malformed`).
  init(_ state: JSON?, options: String) throws {
    self.options = options
    isOutdated = state?["options"]?.string.map { $0 != options } ?? false
    guard !isOutdated else { return }
    if let files = state?["files"], !files.isNull, files.object == nil { throw Diagnostic.malformedState("says that 'files' is \(files.text().prefix(40))") }
    for (url, reading) in state?["files"]?.object ?? [:] {
      guard let version = reading["version"]?.string else { continue }
      files[url] = Reading(version: version, records: reading["records"]?.int.map(Int.init), whole: reading["whole"]?.int.map(Int.init))
    }
    latest = state?[FileStream.modifiedField]?.string.flatMap { Instant($0) }
  }

  /// How many records of a file have been read; nil if all of them have.
  func recordsRead(of entry: FileEntry) -> Int? {
    guard let reading = files[entry.url], let version = entry.version, reading.version == version else { return 0 }
    return reading.records
  }

  /// Takes note that a file has been read up to a record.
  mutating func note(_ entry: FileEntry, records: Int) {
    files[entry.url] = Reading(version: entry.version ?? "", records: records, whole: files[entry.url]?.whole)
  }

  /// Takes note that a file has been read to its end.
  ///
  /// - Returns: how many records it had the last time; nil if it was not read before.
  mutating func finish(_ entry: FileEntry, records: Int) -> Int? {
    let before = files[entry.url]?.whole
    files[entry.url] = Reading(version: entry.version ?? "", records: nil, whole: records)
    if let modified = entry.modified { latest = max(latest ?? modified, modified) }
    return before
  }

  var state: JSON {
    var readings: JSON = [:]
    for (url, reading) in files.sorted(by: { $0.key < $1.key }) {
      var told: JSON = ["version": .string(reading.version)]
      if let records = reading.records { told["records"] = .int(Int64(records)) }
      if let whole = reading.whole { told["whole"] = .int(Int64(whole)) }
      readings[url] = told
    }
    var state: JSON = [:]
    if let latest { state[FileStream.modifiedField] = .string(latest.text(decimals: 6)) }
    state["options"] = .string(options)
    state["files"] = readings
    return state
  }
}
