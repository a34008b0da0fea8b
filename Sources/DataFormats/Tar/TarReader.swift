import Diagnostics

/// Reads a tar archive that is in memory: POSIX ustar with pax headers
/// (pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html) and GNU's long names.
public struct TarReader: Sequence, IteratorProtocol {
  /// What an archive holds under one name.
  public struct Entry: Sendable, Equatable {
    /// What it is.
    public enum Kind: Sendable, Equatable {
      case file
      case directory
      /// A symbolic link, and where it points.
      case symbolicLink(String)
      /// Another name of an earlier entry.
      case hardLink(String)
    }

    /// Its path as the archive has it; may be absolute, or lead out of the folder.
    public var path: String
    /// What it is.
    public var kind: Kind
    /// The permissions, `0o755`.
    public var mode: UInt32
    /// The contents of a file.
    public var contents: ArraySlice<UInt8>
  }

  private let bytes: [UInt8]
  private var position = 0
  private var globals: [String: String] = [:]
  /// Why reading stopped before the end; nil if it did not.
  public private(set) var problem: Diagnostic?

  /// A reader of an archive, which is not compressed.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// All entries of an archive.
  ///
  /// - Throws: `Diagnostic` (`tar.malformed`, `tar.truncated`).
  public static func entries(_ bytes: [UInt8]) throws -> [Entry] {
    var reader = TarReader(bytes)
    var entries: [Entry] = []
    while let entry = reader.next() { entries.append(entry) }
    if let problem = reader.problem { throw problem }
    return entries
  }

  /// The next entry; nil at the end, and where the archive cannot be read (`problem`).
  public mutating func next() -> Entry? {
    guard problem == nil else { return nil }
    var extended = globals
    var longName: String?
    var longLink: String?
    while true {
      guard position + 512 <= bytes.count else {
        if position != bytes.count { fail("tar.truncated", "the archive ends too early") }
        return nil
      }
      let header = bytes[position..<position + 512]
      if header.allSatisfy({ $0 == 0 }) { return nil }
      guard isSound(header), let mode = number(header, 100, 8), let length = extended["size"].flatMap({ Int($0) }) ?? number(header, 124, 12) else {
        fail("tar.malformed", "this is not a tar archive")
        return nil
      }
      let start = position + 512
      guard length >= 0, length <= bytes.count - start, (length + 511) / 512 * 512 <= bytes.count - start else {
        fail("tar.truncated", "the archive ends too early")
        return nil
      }
      let data = bytes[start..<start + length]
      position = start + (length + 511) / 512 * 512
      let type = header[header.startIndex + 156]
      switch type {
      case UInt8(ascii: "x"): extended.merge(TarReader.records(data)) { $1 }
      case UInt8(ascii: "g"):
        globals.merge(TarReader.records(data)) { $1 }
        extended.merge(globals) { old, _ in old }
      case UInt8(ascii: "L"): longName = TarReader.text(data)
      case UInt8(ascii: "K"): longLink = TarReader.text(data)
      default:
        let path = extended["path"] ?? longName ?? name(header)
        let link = extended["linkpath"] ?? longLink ?? text(header, 157, 100)
        guard let kind = kind(type, path: path, link: link) else {
          extended = globals  // a device, a pipe: nothing that a file could be made of
          longName = nil
          longLink = nil
          continue
        }
        return Entry(path: path, kind: kind, mode: UInt32(truncatingIfNeeded: mode) & 0o7777, contents: kind == .file ? data : [])
      }
    }
  }

  private func kind(_ type: UInt8, path: String, link: String) -> Entry.Kind? {
    switch type {
    case UInt8(ascii: "0"), 0, UInt8(ascii: "7"): path.hasSuffix("/") ? .directory : .file
    case UInt8(ascii: "1"): .hardLink(link)
    case UInt8(ascii: "2"): .symbolicLink(link)
    case UInt8(ascii: "5"): .directory
    default: nil
    }
  }

  private mutating func fail(_ code: String, _ message: String) {
    problem = Diagnostic(.parsing, code, message, hint: "check it with `tar -t`; it may not have been copied whole")
  }

  /// Whether the sum of the header's bytes, its own field taken as blanks, is the one it tells.
  private func isSound(_ header: ArraySlice<UInt8>) -> Bool {
    let start = header.startIndex
    var sum = 8 * 32
    for index in header.indices where !(148..<156).contains(index - start) { sum += Int(header[index]) }
    return number(header, 148, 8) == sum
  }

  private func name(_ header: ArraySlice<UInt8>) -> String {
    let name = text(header, 0, 100)
    let isPOSIX = header.dropFirst(257).prefix(6).elementsEqual([0x75, 0x73, 0x74, 0x61, 0x72, 0])
    let prefix = isPOSIX ? text(header, 345, 155) : ""
    return prefix.isEmpty ? name : prefix + "/" + name
  }

  private func text(_ header: ArraySlice<UInt8>, _ offset: Int, _ length: Int) -> String {
    TarReader.text(header.dropFirst(offset).prefix(length))
  }

  private static func text(_ field: ArraySlice<UInt8>) -> String {
    String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// A number in octal digits, or in binary where the first bit is set (GNU, for large files).
  private func number(_ header: ArraySlice<UInt8>, _ offset: Int, _ length: Int) -> Int? {
    let field = header.dropFirst(offset).prefix(length)
    guard let first = field.first else { return nil }
    if first & 0x80 != 0 {
      var value = Int(first & 0x7F)
      for byte in field.dropFirst() {
        guard value < Int.max >> 8 else { return nil }
        value = value << 8 | Int(byte)
      }
      return value
    }
    let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0x20 && $0 != 0 }
    return digits.isEmpty ? 0 : Int(String(decoding: digits, as: UTF8.self), radix: 8)
  }

  /// The records of a pax header: `length key=value` and a line feed each.
  private static func records(_ data: ArraySlice<UInt8>) -> [String: String] {
    var found: [String: String] = [:]
    var rest = data
    while let blank = rest.firstIndex(of: 0x20), let length = Int(String(decoding: rest[..<blank], as: UTF8.self)),
      length > blank - rest.startIndex + 1, length <= rest.count
    {
      let record = rest[(blank + 1)..<(rest.startIndex + length)].dropLast()
      if let equals = record.firstIndex(of: UInt8(ascii: "=")) {
        found[String(decoding: record[..<equals], as: UTF8.self)] = String(decoding: record[(equals + 1)...], as: UTF8.self)
      }
      rest = rest[(rest.startIndex + length)...]
    }
    return found
  }
}
