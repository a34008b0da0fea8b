import AirbyteProtocol
import CSimdJSON
import DataFormats
import Diagnostics
import GRDBSQLite
import Glibc
import Warehouse

/// Puts the records of one stream into its table: tokens of the JSON parser are bound to one prepared statement as they come,
/// without a value, string or dictionary in between.
///
/// A property is found by the order of the record before (the property that followed this one then), and by a hash of its name
/// where the order changed. What is bound is not copied: the bytes live until the statement has run.
final class RecordWriter {
  /// What became of a record.
  enum Outcome {
    /// It is in the table (or a later version of it was already).
    case stored
    /// Nothing was written: the table lacks columns for `fields`, or its columns `slots` must first be made wide enough to keep a
    /// number exactly.
    case unfitting(fields: [String], slots: [Int])
    /// Nothing was written: the record has no place in this table.
    case rejected(String)
  }

  /// One column to bind.
  private struct Slot {
    var field: UnsafeMutablePointer<UInt8>
    var fieldLength: Int
    var kind: ColumnKind
    /// Whether the column stores numbers of any length as text.
    var isWide: Bool
    var isKey: Bool
    var isNull: Bool
    var serial: UInt32
    /// The slot that came after this one in the last record.
    var follower: Int32
    var place: Int32
  }

  /// How many values were set to NULL so far.
  private(set) var nulled = 0
  /// How many rows were added or changed so far.
  private(set) var written = 0

  private let connection: OpaquePointer
  private let statement: SQLiteStatement
  private let slots: UnsafeMutablePointer<Slot>
  private let count: Int
  private let buckets: UnsafeMutablePointer<Int32>
  private let mask: Int
  private let columns: [TableColumn]
  private let deduplicates: Bool
  private let nestedKeys: [[String]]
  private let ignored: Set<String>
  private let places: (rawID: Int32, extracted: Int32, meta: Int32, generation: Int32)
  private let extracted: UnsafeMutablePointer<UInt8>
  private var extractedMilliseconds = Int64.min
  private var boundGeneration: Int64?
  private var metaIsClean = false
  private var serial: UInt32 = 0
  private var first: Int32 = 0
  private let instantBuffer: UnsafeMutablePointer<UInt8>
  private var changes: [RecordChange] = []

  private static let cleanMeta: StaticString = #"{"changes":[]}"#

  /// - Parameters:
  ///   - connection: the connection of the warehouse that writes.
  ///   - sql: an insert with a place for each of `columns`, then for row number, time of extraction, meta and generation.
  ///   - columns: the columns in the order of their places.
  ///   - keys: the paths of the primary key's fields; empty if there is none.
  ///   - ignored: properties that have no column and shall get none.
  ///   - rawIdentifier: where the row numbers are written.
  init(
    _ connection: OpaquePointer, sql: String, columns: [TableColumn], keys: [[String]], ignored: Set<String>, rawIdentifier: RawIdentifier
  ) throws {
    self.connection = connection
    statement = try SQLiteStatement(connection, sql)
    self.columns = columns
    self.ignored = ignored
    deduplicates = !keys.isEmpty
    nestedKeys = keys.filter { $0.count > 1 }
    count = columns.count
    slots = .allocate(capacity: max(1, count))
    var size = 16
    while size < count * 2 { size *= 2 }
    mask = size - 1
    buckets = .allocate(capacity: size)
    buckets.initialize(repeating: -1, count: size)
    let simpleKeys = Set(keys.compactMap(\.first))
    for (index, column) in columns.enumerated() {
      let bytes = Array(column.field.utf8)
      let field = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, bytes.count))
      for (position, byte) in bytes.enumerated() { field[position] = byte }
      (slots + index).initialize(
        to: Slot(
          field: field, fieldLength: bytes.count, kind: column.kind, isWide: ColumnKind.affinity(column.declared) == .none,
          isKey: simpleKeys.contains(column.field), isNull: true, serial: 0, follower: Int32(index + 1 < columns.count ? index + 1 : 0), place: Int32(index + 1)
        ))
      var bucket = RecordWriter.hash(field, bytes.count) & mask
      while buckets[bucket] >= 0 { bucket = (bucket + 1) & mask }
      buckets[bucket] = Int32(index)
    }
    let base = Int32(count)
    places = (base + 1, base + 2, base + 3, base + 4)
    extracted = .allocate(capacity: 24)
    instantBuffer = .allocate(capacity: Instant.longest)
    sqlite3_bind_text(statement.handle, places.rawID, RecordWriter.characters(rawIdentifier.text), 36, nil)
    sqlite3_bind_text(statement.handle, places.extracted, RecordWriter.characters(extracted), 24, nil)
  }

  deinit {
    statement.finalize()
    for index in 0..<count { slots[index].field.deallocate() }
    slots.deallocate()
    buckets.deallocate()
    extracted.deallocate()
    instantBuffer.deallocate()
  }

  /// Writes one record.
  ///
  /// - Parameters:
  ///   - tokens: the tokens of the line.
  ///   - index: the token of the record, an object.
  ///   - milliseconds: when the source read it.
  ///   - generation: the generation that it belongs to.
  ///   - sourceChanges: what the source says it has done to it.
  /// - Throws: `Diagnostic` of the category `.database`, if the warehouse can take no more at all.
  func write(
    _ tokens: UnsafePointer<scv_json_token>, at index: Int, milliseconds: Int64, generation: Int64?, sourceChanges: [RecordChange]
  ) throws -> Outcome {
    let slots = self.slots
    serial &+= 1
    let serial = self.serial
    var bound = 0
    var previous: Int32 = -1
    var unknown: [String] = []
    var narrow: [Int] = []
    if !changes.isEmpty { changes.removeAll(keepingCapacity: true) }
    let end = Int(tokens[index].next)
    var at = index + 1
    while at < end {
      let key = tokens + at
      let value = tokens + (at + 1)
      at = Int(value.pointee.next)
      var found = previous < 0 ? first : slots[Int(previous)].follower
      if Int(found) >= count || !RecordWriter.matches(slots + Int(found), key) {
        found = find(key)
        guard found >= 0 else {
          note(unknown: key, value, &unknown)
          continue
        }
        if previous < 0 { first = found } else { slots[Int(previous)].follower = found }
      }
      previous = found
      let slot = slots + Int(found)
      if slot.pointee.serial != serial {
        slot.pointee.serial = serial
        bound += 1
      }
      if !bind(slot, value) {
        if value.pointee.kind == UInt8(SCV_JSON_NUMBER.rawValue) {
          narrow.append(Int(found))
        } else {
          changes.append(RecordChange(field: columns[Int(found)].field, change: "NULLED", reason: "DESTINATION_TYPECAST_ERROR"))
          nullify(slot)
        }
      }
    }
    if !unknown.isEmpty || !narrow.isEmpty { return .unfitting(fields: unknown, slots: narrow) }
    if bound < count {
      for position in 0..<count where slots[position].serial != serial && !slots[position].isNull { nullify(slots + position) }
    }
    if let missing = missingKey(tokens, index) { return .rejected(missing) }
    bindMeta(milliseconds, generation, sourceChanges)
    nulled += changes.count
    return try run()
  }

  private func run() throws -> Outcome {
    let code = sqlite3_step(statement.handle)
    guard code != SQLITE_DONE else {
      sqlite3_reset(statement.handle)
      // An older version of a row changes nothing.
      written += deduplicates ? Int(sqlite3_changes(connection)) : 1
      return .stored
    }
    // The error's details must be read before the statement is reset.
    let failure = SQLiteFailure.diagnostic(connection, sql: "")
    sqlite3_reset(statement.handle)
    switch code & 0xFF {
    case SQLITE_CONSTRAINT, SQLITE_TOOBIG, SQLITE_MISMATCH: return .rejected(failure.message)
    default: throw failure
    }
  }

  private func missingKey(_ tokens: UnsafePointer<scv_json_token>, _ index: Int) -> String? {
    for position in 0..<count where slots[position].isKey && slots[position].isNull {
      return "no value for '\(columns[position].field)' of the primary key"
    }
    guard !nestedKeys.isEmpty else { return nil }
    let record = JSONParser.value(UnsafeBufferPointer(start: tokens, count: Int(tokens[index].next)), at: index)
    for path in nestedKeys where (record[path] ?? .null).isNull { return "no value for '\(path.joined(separator: "."))' of the primary key" }
    return nil
  }

  private func bindMeta(_ milliseconds: Int64, _ generation: Int64?, _ sourceChanges: [RecordChange]) {
    if milliseconds != extractedMilliseconds {
      Instant.write(milliseconds: milliseconds, to: extracted)
      extractedMilliseconds = milliseconds
    }
    if generation != boundGeneration {
      if let generation { sqlite3_bind_int64(statement.handle, places.generation, generation) } else { sqlite3_bind_null(statement.handle, places.generation) }
      boundGeneration = generation
    }
    if changes.isEmpty && sourceChanges.isEmpty {
      if !metaIsClean {
        let clean = RecordWriter.cleanMeta
        sqlite3_bind_text(statement.handle, places.meta, RecordWriter.characters(clean.utf8Start), Int32(clean.utf8CodeUnitCount), nil)
        metaIsClean = true
      }
    } else {
      var bytes: [UInt8] = []
      JSON.object(["changes": .array((sourceChanges + changes).map(\.json))]).write(to: &bytes)
      bytes.withUnsafeBufferPointer { copy($0.baseAddress, $0.count, places.meta) }
      metaIsClean = false
    }
  }

  private func note(unknown key: UnsafePointer<scv_json_token>, _ value: UnsafePointer<scv_json_token>, _ unknown: inout [String]) {
    let name = key.pointee.string
    guard ignored.contains(name) else {
      if !unknown.contains(name) { unknown.append(name) }
      return
    }
    if value.pointee.kind != UInt8(SCV_JSON_NULL.rawValue) {
      changes.append(RecordChange(field: name, change: "NULLED", reason: "DESTINATION_RECORD_SIZE_LIMITATION"))
    }
  }

  // MARK: - Values

  /// Binds a value; false if the column cannot hold it.
  @inline(__always) private func bind(_ slot: UnsafeMutablePointer<Slot>, _ value: UnsafePointer<scv_json_token>) -> Bool {
    let kind = scv_json_kind(UInt32(value.pointee.kind))
    if kind == SCV_JSON_NULL {
      if !slot.pointee.isNull { nullify(slot) }
      return true
    }
    let place = slot.pointee.place
    slot.pointee.isNull = false
    switch slot.pointee.kind {
    case .text:
      text(value, place)
      return true
    case .instant:
      if kind == SCV_JSON_STRING { instant(value, place) } else { text(value, place) }
      return true
    case .integer, .number:
      switch kind {
      case SCV_JSON_INT: sqlite3_bind_int64(statement.handle, place, value.pointee.value.integer)
      case SCV_JSON_DOUBLE: sqlite3_bind_double(statement.handle, place, value.pointee.value.real)
      case SCV_JSON_NUMBER:
        guard slot.pointee.isWide else { return false }
        text(value, place)
      case SCV_JSON_STRING: return numeric(value, slot)
      case SCV_JSON_TRUE where slot.pointee.kind == .integer, SCV_JSON_FALSE where slot.pointee.kind == .integer:
        sqlite3_bind_int64(statement.handle, place, kind == SCV_JSON_TRUE ? 1 : 0)
      default: return false
      }
      return true
    case .boolean:
      return boolean(value, kind, place)
    case .json:
      if kind == SCV_JSON_STRING { quoted(value, place) } else { text(value, place) }
      return true
    case .any:
      switch kind {
      case SCV_JSON_INT: sqlite3_bind_int64(statement.handle, place, value.pointee.value.integer)
      case SCV_JSON_DOUBLE: sqlite3_bind_double(statement.handle, place, value.pointee.value.real)
      case SCV_JSON_TRUE: sqlite3_bind_int64(statement.handle, place, 1)
      case SCV_JSON_FALSE: sqlite3_bind_int64(statement.handle, place, 0)
      default: text(value, place)
      }
      return true
    }
  }

  /// The text of a string as it is, of anything else as it stands in the source.
  @inline(__always) private func text(_ value: UnsafePointer<scv_json_token>, _ place: Int32) {
    sqlite3_bind_text64(statement.handle, place, value.pointee.text, UInt64(value.pointee.length), nil, UInt8(SQLITE_UTF8))
  }

  private func copy(_ bytes: UnsafePointer<UInt8>?, _ count: Int, _ place: Int32) {
    guard let bytes else { return }
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    sqlite3_bind_text64(statement.handle, place, RecordWriter.characters(bytes), UInt64(count), transient, UInt8(SQLITE_UTF8))
  }

  private func nullify(_ slot: UnsafeMutablePointer<Slot>) {
    sqlite3_bind_null(statement.handle, slot.pointee.place)
    slot.pointee.isNull = true
  }

  private func instant(_ value: UnsafePointer<scv_json_token>, _ place: Int32) {
    let count = Int(value.pointee.length)
    let form = value.pointee.text.withMemoryRebound(to: UInt8.self, capacity: max(1, count)) { Instant.normalise($0, count, into: instantBuffer) }
    switch form {
    case .asItIs: text(value, place)
    case .written(let length): copy(instantBuffer, length, place)
    }
  }

  /// A number that a source writes as a string, as many do with decimals; blanks around it, a plus sign and the like are none.
  private func numeric(_ value: UnsafePointer<scv_json_token>, _ slot: UnsafeMutablePointer<Slot>) -> Bool {
    let source = value.pointee.string
    guard let number = try? JSON.parse(source), source.utf8.first.map({ $0 == UInt8(ascii: "-") || ($0 >= 48 && $0 <= 57) }) == true,
      source.utf8.last.map({ $0 >= 48 && $0 <= 57 }) == true
    else { return false }
    switch number {
    case .int(let integer): sqlite3_bind_int64(statement.handle, slot.pointee.place, integer)
    case .double(let real): sqlite3_bind_double(statement.handle, slot.pointee.place, real)
    case .number where slot.pointee.isWide: text(value, slot.pointee.place)
    default: return false
    }
    return true
  }

  private func boolean(_ value: UnsafePointer<scv_json_token>, _ kind: scv_json_kind, _ place: Int32) -> Bool {
    let truth: Bool
    switch kind {
    case SCV_JSON_TRUE: truth = true
    case SCV_JSON_FALSE: truth = false
    case SCV_JSON_INT where value.pointee.value.integer == 0 || value.pointee.value.integer == 1: truth = value.pointee.value.integer == 1
    case SCV_JSON_STRING where value.pointee.length <= 5:
      switch value.pointee.string.lowercased() {
      case "true": truth = true
      case "false": truth = false
      default: return false
      }
    default: return false
    }
    sqlite3_bind_int64(statement.handle, place, truth ? 1 : 0)
    return true
  }

  /// A string where JSON text is wanted.
  private func quoted(_ value: UnsafePointer<scv_json_token>, _ place: Int32) {
    var bytes: [UInt8] = []
    JSON.writeQuoted(value.pointee.string, to: &bytes)
    bytes.withUnsafeBufferPointer { copy($0.baseAddress, $0.count, place) }
  }

  // MARK: - Names

  @inline(__always) private static func matches(_ slot: UnsafeMutablePointer<Slot>, _ key: UnsafePointer<scv_json_token>) -> Bool {
    slot.pointee.fieldLength == Int(key.pointee.length) && memcmp(slot.pointee.field, key.pointee.text, slot.pointee.fieldLength) == 0
  }

  private func find(_ key: UnsafePointer<scv_json_token>) -> Int32 {
    let length = Int(key.pointee.length)
    var bucket = key.pointee.text.withMemoryRebound(to: UInt8.self, capacity: max(1, length)) { RecordWriter.hash($0, length) } & mask
    while buckets[bucket] >= 0 {
      if RecordWriter.matches(slots + Int(buckets[bucket]), key) { return buckets[bucket] }
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

  @inline(__always) private static func characters(_ bytes: UnsafePointer<UInt8>) -> UnsafePointer<CChar> {
    UnsafeRawPointer(bytes).assumingMemoryBound(to: CChar.self)
  }
}
