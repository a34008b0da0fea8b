import DataFormats
import Diagnostics
import OrderedCollections

/// Reading and writing of protocol objects, in which an explicit `null` means the same as an absent member.
extension JSON {
  /// The member `key`; nil if it is absent or `null`.
  func member(_ key: String) -> JSON? {
    guard let value = self[key], !value.isNull else { return nil }
    return value
  }

  /// The string member `key`.
  func text(_ key: String, of owner: String) throws -> String {
    guard let value = member(key) else { throw JSON.missing(key, of: owner) }
    guard let text = value.string else { throw JSON.mistyped(key, of: owner, "a string") }
    return text
  }

  /// The object member `key`.
  func object(_ key: String, of owner: String) throws -> JSON {
    guard let value = member(key) else { throw JSON.missing(key, of: owner) }
    guard value.object != nil else { throw JSON.mistyped(key, of: owner, "an object") }
    return value
  }

  /// The array of strings at `key`; empty if absent. Some sources send a single string, which counts as one element.
  func texts(_ key: String) -> [String] {
    guard let value = member(key) else { return [] }
    if let text = value.string { return [text] }
    return value.array?.compactMap(\.string) ?? []
  }

  /// The member `namespace`; an empty one is none.
  var namespace: String? { member("namespace")?.string.flatMap { $0.isEmpty ? nil : $0 } }

  /// The array of field paths at `key`; empty if absent. A bare string inside counts as a path of one.
  func paths(_ key: String) -> [[String]] {
    guard let value = member(key) else { return [] }
    if let text = value.string { return [[text]] }
    return (value.array ?? []).compactMap { path in path.string.map { [$0] } ?? path.array?.compactMap(\.string) }.filter { !$0.isEmpty }
  }

  /// The time at `key` in whole milliseconds, which sources write as integers and as decimals; 0 if absent.
  func milliseconds(_ key: String) -> Int64 {
    guard let time = member(key) else { return 0 }
    return time.int ?? time.double.flatMap { Int64(exactly: $0.rounded()) } ?? 0
  }

  /// An object of those `members` that have a value.
  static func members(_ members: [(String, JSON?)]) -> JSON {
    var object = OrderedDictionary<String, JSON>(minimumCapacity: members.count)
    for (key, value) in members {
      if let value { object[key] = value }
    }
    return .object(object)
  }

  static func missing(_ key: String, of owner: String) -> Diagnostic {
    Diagnostic(.connector, "protocol.missing-member", "\(owner) without '\(key)'")
  }

  static func mistyped(_ key: String, of owner: String, _ wanted: String) -> Diagnostic {
    Diagnostic(.connector, "protocol.wrong-type", "'\(key)' of \(owner) is not \(wanted)")
  }
}

extension [String] {
  /// The strings as a JSON array; nil if there are none.
  var jsonUnlessEmpty: JSON? { isEmpty ? nil : .array(map { .string($0) }) }
}

extension [[String]] {
  /// The paths as a JSON array of arrays; nil if there are none.
  var jsonUnlessEmpty: JSON? { isEmpty ? nil : .array(map { .array($0.map { .string($0) }) }) }
}
