import Crypto
import DataFormats
import Diagnostics
import FoundationEssentials
import Glibc
import OrderedCollections

/// What a template said when it was read, and what that depends on beside its own text.
struct StoredReading: Sendable, Hashable {
  /// The text of the file: its digest, and what stands before the digested part.
  var key: String
  /// What the template knows of its node.
  var identity: String
  var refs: [Reference] = []
  var refPlaces: [SourceLocation] = []
  var refTrails: [[String]] = []
  var sources: [SourceReference] = []
  var sourcePlaces: [SourceLocation] = []
  var sourceTrails: [[String]] = []
  var config: OrderedDictionary<String, JSON> = [:]
  /// Where the call of `config` is that a key is from.
  var configPlaces: [String: SourceLocation] = [:]
  var macros: [String] = []
  /// The environment variables that it asked for, and their values.
  var environment: OrderedDictionary<String, String?> = [:]
  /// The command and its flags, where the template looked at them.
  var flags: String?
}

/// A property file as it was read.
struct StoredDocument: Sendable, Hashable {
  var key: String
  var value: JSON
  /// The places of everything in it.
  var marksData: [UInt8]
}

/// What reading a project found out, kept from one command to the next: which refs, sources and configurations the templates
/// have, and what the property files hold.
///
/// Everything is found by the digest of the text that it was found in, so that an edit is never overlooked; and everything
/// goes where scv, the macros, the configuration, the variables or the target have changed. A file that is damaged, from
/// another version or not there is as good as an empty one.
struct PartialState: Sendable, Equatable {
  /// Readings of templates, by the path that messages show.
  var readings: [String: StoredReading] = [:]
  /// Property files, by the same.
  var documents: [String: StoredDocument] = [:]

  /// The file's name in the target folder.
  static let fileName = "partial_parse.scv"
  private static let mark = Array("scv partial parse 3\n".utf8)

  /// The state of a project with a fingerprint; empty if there is none.
  static func read(_ path: String, fingerprint: String) -> PartialState {
    guard let bytes = try? FileReader.bytes(path), bytes.starts(with: mark), bytes.count > mark.count + 32 else { return PartialState() }
    let start = mark.count + 32
    guard Array(SHA256.hash(data: bytes[start...])) == Array(bytes[mark.count..<start]) else { return PartialState() }
    var reader = ByteReader(bytes, from: start)
    return (try? PartialState(&reader, fingerprint)) ?? PartialState()
  }

  /// Writes the state; what cannot be written is found out again the next time.
  func write(_ path: String, fingerprint: String) {
    var writer = ByteWriter()
    writer.write(fingerprint)
    writer.write(list: readings.sorted { $0.key < $1.key }) { writer, entry in
      writer.write(entry.key)
      PartialState.write(entry.value, &writer)
    }
    writer.write(list: documents.sorted { $0.key < $1.key }) { writer, entry in
      writer.write(entry.key)
      writer.write(entry.value.key)
      writer.write(entry.value.value)
      writer.write(data: entry.value.marksData)
    }
    let bytes = PartialState.mark + Array(SHA256.hash(data: writer.bytes)) + writer.bytes
    let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let temporary = "\(folder)/.\(PartialState.fileName).\(getpid())"
    guard let stream = fopen(temporary, "we") else { return }
    let isWritten = fwrite(bytes, 1, bytes.count, stream) == bytes.count
    guard fclose(stream) == 0, isWritten, rename(temporary, path) == 0 else {
      unlink(temporary)
      return
    }
  }

  /// An empty state.
  init() {}

  private init(_ reader: inout ByteReader, _ fingerprint: String) throws {
    guard try reader.text() == fingerprint else { return }
    for _ in 0..<(try reader.count()) {
      let path = try reader.text()
      readings[path] = try PartialState.reading(&reader)
    }
    for _ in 0..<(try reader.count()) {
      let path = try reader.text()
      documents[path] = StoredDocument(key: try reader.text(), value: try reader.json(), marksData: try reader.data())
    }
    guard reader.isAtEnd else { throw ByteReader.Malformed() }
  }

  private static func write(_ reading: StoredReading, _ writer: inout ByteWriter) {
    writer.write(reading.key)
    writer.write(reading.identity)
    writer.write(list: reading.refs) { writer, reference in
      writer.write(reference.name)
      writer.write(optional: reference.package) { $0.write($1) }
      writer.write(optional: reference.version) { $0.write($1) }
    }
    writer.write(list: reading.refPlaces) { write($1, &$0) }
    writer.write(list: reading.refTrails) { writer, trail in writer.write(list: trail) { $0.write($1) } }
    writer.write(list: reading.sources) { writer, source in
      writer.write(source.source)
      writer.write(source.table)
    }
    writer.write(list: reading.sourcePlaces) { write($1, &$0) }
    writer.write(list: reading.sourceTrails) { writer, trail in writer.write(list: trail) { $0.write($1) } }
    writer.write(reading.config)
    writer.write(list: reading.configPlaces.sorted { $0.key < $1.key }) { writer, entry in
      writer.write(entry.key)
      write(entry.value, &writer)
    }
    writer.write(list: reading.macros) { $0.write($1) }
    writer.write(list: reading.environment.elements) { writer, variable in
      writer.write(variable.key)
      writer.write(optional: variable.value) { $0.write($1) }
    }
    writer.write(optional: reading.flags) { $0.write($1) }
  }

  private static func reading(_ reader: inout ByteReader) throws(ByteReader.Malformed) -> StoredReading {
    var reading = StoredReading(key: try reader.text(), identity: try reader.text())
    reading.refs = try reader.list { (reader) throws(ByteReader.Malformed) in
      Reference(
        name: try reader.text(), package: try reader.optional { (reader) throws(ByteReader.Malformed) in try reader.text() },
        version: try reader.optional { (reader) throws(ByteReader.Malformed) in try reader.json() })
    }
    reading.refPlaces = try reader.list(place)
    reading.refTrails = try reader.list(trail)
    reading.sources = try reader.list { (reader) throws(ByteReader.Malformed) in
      SourceReference(source: try reader.text(), table: try reader.text())
    }
    reading.sourcePlaces = try reader.list(place)
    reading.sourceTrails = try reader.list(trail)
    reading.config = try reader.members()
    for _ in 0..<(try reader.count()) {
      let key = try reader.text()
      reading.configPlaces[key] = try place(&reader)
    }
    reading.macros = try reader.list { (reader) throws(ByteReader.Malformed) in try reader.text() }
    for _ in 0..<(try reader.count()) {
      let name = try reader.text()
      reading.environment.updateValue(try reader.optional { (reader) throws(ByteReader.Malformed) in try reader.text() }, forKey: name)
    }
    reading.flags = try reader.optional { (reader) throws(ByteReader.Malformed) in try reader.text() }
    return reading
  }

  private static func trail(_ reader: inout ByteReader) throws(ByteReader.Malformed) -> [String] {
    try reader.list { (reader) throws(ByteReader.Malformed) in try reader.text() }
  }

  private static func write(_ place: SourceLocation, _ writer: inout ByteWriter) {
    writer.write(optional: place.file) { $0.write($1) }
    writer.write(optional: place.line) { $0.write($1) }
    writer.write(optional: place.column) { $0.write($1) }
    writer.write(optional: place.subject) { $0.write($1) }
  }

  private static func place(_ reader: inout ByteReader) throws(ByteReader.Malformed) -> SourceLocation {
    SourceLocation(
      file: try reader.optional { (reader) throws(ByteReader.Malformed) in try reader.text() },
      line: try reader.optional { (reader) throws(ByteReader.Malformed) in try reader.int() },
      column: try reader.optional { (reader) throws(ByteReader.Malformed) in try reader.int() },
      subject: try reader.optional { (reader) throws(ByteReader.Malformed) in try reader.text() })
  }
}
