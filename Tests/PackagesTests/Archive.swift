/// Makes tar archives, sound ones and others.
struct Archive {
  private(set) var bytes: [UInt8] = []

  /// The archive, ended as it must be.
  var ended: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

  mutating func add(_ path: String, _ contents: String = "", type: Character = "0", link: String = "") {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, _ offset: Int, _ length: Int) {
      for (index, byte) in text.utf8.prefix(length).enumerated() { header[offset + index] = byte }
    }
    func octal(_ number: Int, _ digits: Int) -> String {
      let text = String(number, radix: 8)
      return String(repeating: "0", count: digits - text.count) + text
    }
    put(path, 0, 100)
    put("0000644", 100, 8)
    put(octal(contents.utf8.count, 11), 124, 12)
    put(String(type), 156, 1)
    put(link, 157, 100)
    put("ustar\u{0}00", 257, 8)
    put("        ", 148, 8)
    let sum = header.reduce(0) { $0 + Int($1) }
    put(octal(sum, 6) + "\u{0} ", 148, 8)
    bytes += header + Array(contents.utf8)
    bytes += [UInt8](repeating: 0, count: (512 - contents.utf8.count % 512) % 512)
  }

  /// An entry whose path is told by a pax header.
  mutating func addExtended(_ path: String, _ contents: String) {
    let record = "path=\(path)\n"
    var length = record.utf8.count + 3
    while "\(length) ".utf8.count + record.utf8.count != length { length = "\(length) ".utf8.count + record.utf8.count }
    add("pax", "\(length) \(record)", type: "x")
    add("short", contents)
  }
}
