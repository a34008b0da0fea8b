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
  private static let keptLimit = 64 << 20
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
      let gzip = try GzipWriter()
      let count = try ProductLog.write(day, in: world) { try gzip.write($0) }
      content = Content(bytes: try gzip.finish(), records: count)
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

  /// The size of a file in bytes.
  func size(of file: File, in world: World) throws -> Int {
    if let fact = fact(file) { return fact.size }
    return try content(of: file, in: world).bytes.count
  }

  /// The number of a file's records; the file need not be made for it.
  func recordCount(of file: File, in world: World) -> Int {
    if let fact = fact(file) { return fact.records }
    if let day = file.day { return ProductLog.count(day, in: world) }
    var count = 0
    AppUsers.forEach(in: world) { _ in count += 1 }
    return count
  }

  private func fact(_ file: File) -> Fact? {
    state.withLock { $0.facts["\(file.name)@\(file.modified)"] }
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
