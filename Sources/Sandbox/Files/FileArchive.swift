import Synchronization

/// The files that are served: made when first asked for, and kept as far as memory for them is set aside.
final class FileArchive: Sendable {
  /// A file of the archive.
  struct File: Sendable {
    /// `events/events-2026-02-27.jsonl.gz`
    let name: String
    let modified: Int64
    let day: Int64?
  }

  /// A file's bytes and what is known of them.
  struct Content: Sendable {
    let bytes: [UInt8]
    let records: Int

    /// An entity tag (RFC 9110, section 8.8.3) that changes with the bytes.
    var tag: String { "\"\(String(FileArchive.hash(bytes), radix: 16))\"" }
  }

  private struct Fact {
    let size: Int
    let records: Int
  }

  private struct State {
    var facts: [String: Fact] = [:]
    var kept: [String: Content] = [:]
    var keptBytes = 0
  }

  /// How many bytes of compressed files are kept.
  private static let keptLimit = 128 << 20
  private let state = Mutex(State())

  /// The files that exist by the clock of `world`.
  func files(in world: World) -> [File] {
    let export = File(name: "exports/app_users.csv", modified: AppUsers.exported(by: world.now), day: nil)
    let logs = ProductLog.days(in: world).map { day in
      File(name: "events/events-\(CivilTime.dateText(day: day)).jsonl.gz", modified: (day + 1) * CivilTime.day, day: day)
    }
    return logs + [export]
  }

  /// The bytes of a file.
  ///
  /// - Throws: a `Diagnostic` if it cannot be compressed.
  func content(of file: File, in world: World) throws -> Content {
    let key = "\(file.name)@\(file.modified)"
    if let kept = state.withLock({ $0.kept[key] }) { return kept }
    let content: Content
    if let day = file.day {
      let (lines, count) = ProductLog.file(day, in: world)
      content = Content(bytes: try Gzip.compress(lines), records: count)
    } else {
      let bytes = AppUsers.csv(in: world)
      content = Content(bytes: bytes, records: bytes.count { $0 == UInt8(ascii: "\n") } - 1)
    }
    state.withLock { state in
      state.facts[key] = Fact(size: content.bytes.count, records: content.records)
      if state.kept[key] == nil, state.keptBytes + content.bytes.count <= Self.keptLimit {
        state.kept[key] = content
        state.keptBytes += content.bytes.count
      }
    }
    return content
  }

  /// The size of a file in bytes and the number of its records.
  func measure(_ file: File, in world: World) throws -> (size: Int, records: Int) {
    if let fact = state.withLock({ $0.facts["\(file.name)@\(file.modified)"] }) { return (fact.size, fact.records) }
    let content = try content(of: file, in: world)
    return (content.bytes.count, content.records)
  }

  private static func hash(_ bytes: [UInt8]) -> UInt64 {
    // FNV-1a over eight bytes at a time is plenty to tell two versions of a file apart.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(bytes.count)
    var at = 0
    while at < bytes.count {
      var word: UInt64 = 0
      for offset in 0..<min(8, bytes.count - at) { word |= UInt64(bytes[at + offset]) << UInt64(8 * offset) }
      hash = (hash ^ word) &* 0x0000_0100_0000_01B3
      hash ^= hash >> 29
      at += 8
    }
    return hash
  }
}
