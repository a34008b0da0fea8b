import DataFormats
import Diagnostics
import FoundationEssentials
import Glibc

/// Records that a tap hands over in files: the message `BATCH` of Singer's SDK (https://sdk.meltano.com/en/latest/batch.html).
///
/// Files hold a record a line (`jsonl`), compressed by gzip or not.
struct SingerBatch {
  private let stream: String
  private let files: [String]
  private static let room = 4 << 20

  /// Reads `{"type": "BATCH", "stream": …, "encoding": {"format": "jsonl", "compression": "gzip"}, "manifest": ["file:///…"]}`.
  ///
  /// - Throws: `Diagnostic` (`protocol.missing-member`, `singer.batch-encoding`, `singer.batch-file`).
  init(json: JSON) throws {
    guard let stream = json["stream"]?.string, let manifest = json["manifest"]?.array else {
      throw Diagnostic(.connector, "protocol.missing-member", "a BATCH message lacks 'stream' or 'manifest'")
    }
    self.stream = stream
    let format = json["encoding"]?["format"]?.string ?? "jsonl"
    let compression = json["encoding"]?["compression"]?.string ?? "none"
    guard format == "jsonl", ["none", "gzip"].contains(compression) else {
      throw Diagnostic(
        .connector, "singer.batch-encoding",
        "the tap sends the records of '\(stream)' in files of the encoding \(format)/\(compression), which scv does not read",
        hint: "set `batch_config.encoding` of the tap to {format: jsonl, compression: gzip}, or take `batch_config` out")
    }
    files = try manifest.map { entry in
      guard let address = entry.string, address.hasPrefix("file://") || !address.contains("://") else {
        throw Diagnostic(
          .connector, "singer.batch-file", "the tap sends the records of '\(stream)' in files elsewhere: \(entry.text())",
          hint: "set `batch_config.storage.root` of the tap to a local folder: file:///tmp/batches")
      }
      return address.hasPrefix("file://") ? String(address.dropFirst("file://".count)).removingPercentEncoding ?? address : address
    }
  }

  /// Gives the records to `consume` as lines of RECORD messages, some megabytes at a time, with readable bytes behind them.
  ///
  /// - Throws: `Diagnostic` (`singer.batch-file`), and what `consume` throws.
  func lines(_ consume: (UnsafeRawBufferPointer) throws -> Void) throws {
    for file in files { try read(file, consume) }
  }

  private func read(_ file: String, _ consume: (UnsafeRawBufferPointer) throws -> Void) throws {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(file, String(cString: strerror(errno))) }
    defer { close(descriptor) }
    let head = Array("{\"type\":\"RECORD\",\"stream\":\(JSON.string(stream).text()),\"record\":".utf8)
    var messages: [UInt8] = []
    messages.reserveCapacity(SingerBatch.room + 4096)
    var line: [UInt8] = []
    func hand() throws {
      guard !messages.isEmpty else { return }
      let count = messages.count
      messages.append(contentsOf: repeatElement(0, count: LinePipe.padding))
      try messages.withUnsafeBytes { try consume(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      messages.removeAll(keepingCapacity: true)
    }
    func end() throws {
      if line.last == 13 { line.removeLast() }
      guard !line.isEmpty else { return }
      messages += head
      messages += line
      messages += [UInt8(ascii: "}"), 10]
      line.removeAll(keepingCapacity: true)
      if messages.count >= SingerBatch.room { try hand() }
    }
    func take(_ bytes: UnsafeRawBufferPointer) throws {
      var rest = bytes[...]
      while let newline = rest.firstIndex(of: 10) {
        line += rest[..<newline]
        rest = rest[(newline + 1)...]
        try end()
      }
      line += rest
    }
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    var gzip: GzipReader?
    var isFirst = true
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure(file, String(cString: strerror(errno))) }
      guard count > 0 else { break }
      if isFirst && GzipReader.isGzip(chunk[..<count]) { gzip = GzipReader() }
      isFirst = false
      try chunk.withUnsafeBytes { bytes in
        let read = UnsafeRawBufferPointer(rebasing: bytes[..<count])
        if let gzip { try gzip.read(read) { try take($0) } } else { try take(read) }
      }
    }
    try gzip?.finish()
    try end()
    try hand()
  }

  private func failure(_ file: String, _ cause: String) -> Diagnostic {
    Diagnostic(
      .connector, "singer.batch-file", "the tap's file of records of '\(stream)' cannot be read", at: SourceLocation(file: file), cause: cause)
  }
}
