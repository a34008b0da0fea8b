import CSimdJSON
import Glibc

/// Finds the column of a property: by the order of the record before (the property that followed this one then), and by a hash of
/// its name where the order changed.
final class PropertyIndex {
  private struct Entry {
    var name: UnsafeMutablePointer<UInt8>
    var length: Int
    /// The place of the property that came after this one in the last record.
    var follower: Int
  }

  private let entries: UnsafeMutablePointer<Entry>
  private let count: Int
  private let buckets: UnsafeMutablePointer<Int32>
  private let mask: Int
  /// The place of the first property of the last record.
  private var first = 0

  /// An index that gives each of `names` its place among them.
  init(_ names: [String]) {
    count = names.count
    entries = .allocate(capacity: max(1, count))
    var size = 16
    while size < count * 2 { size *= 2 }
    mask = size - 1
    buckets = .allocate(capacity: size)
    buckets.initialize(repeating: -1, count: size)
    for (index, text) in names.enumerated() {
      let bytes = Array(text.utf8)
      let name = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, bytes.count))
      name.initialize(from: bytes, count: bytes.count)
      (entries + index).initialize(to: Entry(name: name, length: bytes.count, follower: index + 1 < count ? index + 1 : 0))
      var bucket = PropertyIndex.hash(name, bytes.count) & mask
      while buckets[bucket] >= 0 { bucket = (bucket + 1) & mask }
      buckets[bucket] = Int32(index)
    }
  }

  deinit {
    for index in 0..<count { entries[index].name.deallocate() }
    entries.deallocate()
    buckets.deallocate()
  }

  /// The place of the property `key`, which follows the one at `previous` (-1: it is the first); -1 if it has none.
  @inline(__always) func find(_ key: UnsafePointer<scv_json_token>, after previous: Int) -> Int {
    let expected = previous < 0 ? first : entries[previous].follower
    if expected < count && matches(entries + expected, key) { return expected }
    let found = search(key)
    guard found >= 0 else { return -1 }
    if previous < 0 { first = found } else { entries[previous].follower = found }
    return found
  }

  @inline(__always) private func matches(_ entry: UnsafeMutablePointer<Entry>, _ key: UnsafePointer<scv_json_token>) -> Bool {
    entry.pointee.length == Int(key.pointee.length) && memcmp(entry.pointee.name, key.pointee.text, entry.pointee.length) == 0
  }

  private func search(_ key: UnsafePointer<scv_json_token>) -> Int {
    let length = Int(key.pointee.length)
    var bucket = key.pointee.text.withMemoryRebound(to: UInt8.self, capacity: max(1, length)) { PropertyIndex.hash($0, length) } & mask
    while buckets[bucket] >= 0 {
      if matches(entries + Int(buckets[bucket]), key) { return Int(buckets[bucket]) }
      bucket = (bucket + 1) & mask
    }
    return -1
  }

  /// FNV-1a.
  private static func hash(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in 0..<count { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
    return Int(truncatingIfNeeded: hash ^ hash >> 32)
  }
}
