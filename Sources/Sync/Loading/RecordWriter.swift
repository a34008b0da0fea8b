import AirbyteProtocol
import CSimdJSON
import DataFormats
import Diagnostics
import GRDBSQLite
import Glibc
import OrderedCollections
import Warehouse

/// Puts the records of one stream into its table: tokens of the JSON parser are bound to a prepared statement, without a value,
/// string or dictionary in between.
///
/// A property is found by the order of the record before (the property that followed this one then), and by a hash of its name
/// where the order changed. Some rows are collected and inserted by one statement, which spares SQLite much of what it does a
/// statement; until then their cells point into the lines that they came in, so that nothing is copied but what was escaped there.
final class RecordWriter {
  /// What became of a record.
  enum Outcome {
    /// It is in the table (or a later version of it was already), or will be after `flush`.
    case taken
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
    /// The slot that came after this one in the last record.
    var follower: Int32
  }

  /// One value to bind; what it points to lives until `flush`.
  private struct Cell {
    enum Kind: UInt8 { case null, integer, real, text }
    var kind: Kind
    var length: UInt32
    /// The integer, the bits of the real number, or the address of the text.
    var bits: UInt64
  }

  /// Where a row that waits came from.
  private struct Origin {
    var text: UnsafePointer<CChar>
    var length: Int
    var counter: UInt64
    var milliseconds: Int64
  }

  /// A record that the warehouse refused.
  struct Refusal {
    /// The record as it came.
    var record: String
    /// Why it was refused.
    var reason: String
    /// The counter of its row number.
    var counter: UInt64
    /// When the source read it.
    var milliseconds: Int64
  }

  /// How many values were set to NULL so far.
  private(set) var nulled = 0
  /// How many rows were added or changed so far.
  private(set) var written = 0
  /// Records that were refused by `flush`, to be taken by the caller.
  var refused: [Refusal] = []
  /// The bytes whose addresses stay good until the next `flush`: the lines that are being read.
  var stable = UnsafeRawBufferPointer(start: nil, count: 0)

  private let connection: OpaquePointer
  /// Inserts one row.
  private let one: SQLiteStatement
  /// Inserts `capacity` rows at once.
  private let many: SQLiteStatement
  private let capacity: Int
  private let width: Int
  private var waiting = 0
  private let cells: UnsafeMutablePointer<Cell>
  private let origins: UnsafeMutablePointer<Origin>
  /// The cells of the row that is being filled.
  private var row: UnsafeMutablePointer<Cell>
  private let keys: [Int]
  private let slots: UnsafeMutablePointer<Slot>
  private let count: Int
  private let buckets: UnsafeMutablePointer<Int32>
  private let mask: Int
  private let columns: [TableColumn]
  private let deduplicates: Bool
  private let nestedKeys: [[String]]
  private let ignored: Set<String>
  private let overflowing: Set<String>
  private let overflows: Bool
  /// The values of the current row that have no column of their own.
  private var overflow: [(key: String, value: JSON)] = []
  private let rawText: UnsafePointer<UInt8>
  /// Row number and time of extraction of each row that waits: 36 and 24 bytes.
  private let stamps: UnsafeMutablePointer<UInt8>
  private let extracted: UnsafeMutablePointer<UInt8>
  private var extractedMilliseconds = Int64.min
  private var first: Int32 = 0
  private let instantBuffer: UnsafeMutablePointer<UInt8>
  private let copies: UnsafeMutablePointer<UInt8>
  private var copied = 0
  private var largeCopies: [UnsafeMutablePointer<UInt8>] = []
  private var largeBytes = 0
  private var changes: [RecordChange] = []

  private static let cleanMeta: StaticString = #"{"changes":[]}"#
  private static let mostRows = 16
  private static let mostCells = 4096
  private static let roomForCopies = 1 << 16
  private static let stampLength = 60

  /// - Parameters:
  ///   - connection: the connection of the warehouse that writes.
  ///   - sql: an insert of that many rows, with a place for each of `columns`, then for row number, time of extraction, meta and
  ///     generation.
  ///   - columns: the columns in the order of their places.
  ///   - overflowing: properties that a full table has no column for; nil where it has no column for these together either.
  ///   - keys: the paths of the primary key's fields; empty if there is none.
  ///   - ignored: properties that have no column and shall get none.
  ///   - rawIdentifier: where the row numbers are written.
  init(
    _ connection: OpaquePointer, sql: (Int) -> String, columns: [TableColumn], keys: [[String]], ignored: Set<String>, overflowing: Set<String>?,
    rawIdentifier: RawIdentifier
  ) throws {
    self.connection = connection
    nestedKeys = keys.filter { $0.count > 1 }
    overflows = overflowing != nil
    width = columns.count + StreamTable.metaColumns.count + (overflows ? 1 : 0)
    // Where an update changes an index, SQLite keeps a journal a statement, which makes large ones slower.
    capacity = nestedKeys.isEmpty ? max(1, min(RecordWriter.mostRows, RecordWriter.mostCells / width)) : 1
    one = try SQLiteStatement(connection, sql(1))
    do { many = capacity > 1 ? try SQLiteStatement(connection, sql(capacity)) : one } catch {
      one.finalize()
      throw error
    }
    cells = .allocate(capacity: capacity * width)
    cells.initialize(repeating: Cell(kind: .null, length: 0, bits: 0), count: capacity * width)
    origins = .allocate(capacity: capacity)
    stamps = .allocate(capacity: capacity * RecordWriter.stampLength)
    copies = .allocate(capacity: RecordWriter.roomForCopies)
    row = cells
    rawText = UnsafePointer(rawIdentifier.text)
    self.columns = columns
    self.ignored = ignored
    self.overflowing = overflowing ?? []
    deduplicates = !keys.isEmpty
    count = columns.count
    slots = .allocate(capacity: max(1, count))
    var size = 16
    while size < count * 2 { size *= 2 }
    mask = size - 1
    buckets = .allocate(capacity: size)
    buckets.initialize(repeating: -1, count: size)
    let names = Set(keys.compactMap(\.first))
    self.keys = columns.indices.filter { names.contains(columns[$0].field) }
    for (index, column) in columns.enumerated() {
      let bytes = Array(column.field.utf8)
      let field = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, bytes.count))
      for (position, byte) in bytes.enumerated() { field[position] = byte }
      (slots + index).initialize(
        to: Slot(
          field: field, fieldLength: bytes.count, kind: column.kind, isWide: ColumnKind.affinity(column.declared) == .none,
          follower: Int32(index + 1 < columns.count ? index + 1 : 0)))
      var bucket = RecordWriter.hash(field, bytes.count) & mask
      while buckets[bucket] >= 0 { bucket = (bucket + 1) & mask }
      buckets[bucket] = Int32(index)
    }
    extracted = .allocate(capacity: 24)
    instantBuffer = .allocate(capacity: Instant.longest)
  }

  deinit {
    one.finalize()
    if capacity > 1 { many.finalize() }
    forgetCopies()
    cells.deallocate()
    origins.deallocate()
    stamps.deallocate()
    copies.deallocate()
    for index in 0..<count { slots[index].field.deallocate() }
    slots.deallocate()
    buckets.deallocate()
    extracted.deallocate()
    instantBuffer.deallocate()
  }

  /// Takes one record, to be written with those that follow.
  ///
  /// - Parameters:
  ///   - tokens: the tokens of the line.
  ///   - index: the token of the record, an object.
  ///   - counter: the counter of its row number, which is the current one.
  ///   - milliseconds: when the source read it.
  ///   - generation: the generation that it belongs to.
  ///   - sourceChanges: what the source says it has done to it.
  /// - Throws: `Diagnostic` of the category `.database`, if the warehouse can take no more at all.
  func write(
    _ tokens: UnsafePointer<scv_json_token>, at index: Int, counter: UInt64, milliseconds: Int64, generation: Int64, sourceChanges: [RecordChange]
  ) throws -> Outcome {
    let slots = self.slots
    for position in 0..<count { row[position].kind = .null }
    var previous: Int32 = -1
    var unknown: [String] = []
    var narrow: [Int] = []
    if !changes.isEmpty { changes.removeAll(keepingCapacity: true) }
    if !overflow.isEmpty { overflow.removeAll(keepingCapacity: true) }
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
          note(unknown: key, tokens, at: Int(value - UnsafePointer(tokens)), &unknown)
          continue
        }
        if previous < 0 { first = found } else { slots[Int(previous)].follower = found }
      }
      previous = found
      if !set(Int(found), value) {
        if value.pointee.kind == UInt8(SCV_JSON_NUMBER.rawValue) {
          narrow.append(Int(found))
        } else {
          changes.append(RecordChange(field: columns[Int(found)].field, change: "NULLED", reason: "DESTINATION_TYPECAST_ERROR"))
          row[Int(found)].kind = .null
        }
      }
    }
    if !unknown.isEmpty || !narrow.isEmpty { return .unfitting(fields: unknown, slots: narrow) }
    if let missing = missingKey(tokens, index) { return .rejected(missing) }
    stamp(milliseconds, generation, sourceChanges)
    nulled += changes.count
    let record = tokens[index]
    (origins + waiting).initialize(
      to: Origin(text: lasting(record.text, Int(record.length)), length: Int(record.length), counter: counter, milliseconds: milliseconds))
    waiting += 1
    row += width
    if waiting == capacity || largeBytes > 1 << 20 { try flush() }
    return .taken
  }

  /// Writes the rows that wait. What `stable` holds may go afterwards.
  ///
  /// - Throws: `Diagnostic` of the category `.database`, if the warehouse can take no more at all.
  func flush() throws {
    let rows = waiting
    guard rows > 0 else { return }
    waiting = 0
    row = cells
    defer { forgetCopies() }
    if rows == capacity && rows > 1, try run(many, cells, rows) == nil { return }
    // One by one, too, if one of them was refused.
    for index in 0..<rows {
      guard let reason = try run(one, cells + index * width, 1) else { continue }
      refuse(origins[index], reason)
    }
  }

  private func refuse(_ origin: Origin, _ reason: String) {
    let record = String(decoding: UnsafeRawBufferPointer(start: origin.text, count: origin.length), as: UTF8.self)
    refused.append(Refusal(record: record, reason: reason, counter: origin.counter, milliseconds: origin.milliseconds))
  }

  /// Runs a statement over the cells of `rows` rows.
  ///
  /// - Returns: why the warehouse refuses one of them; then it has taken none.
  private func run(_ statement: SQLiteStatement, _ cells: UnsafeMutablePointer<Cell>, _ rows: Int) throws -> String? {
    let handle = statement.handle
    for index in 0..<rows * width {
      let cell = cells + index
      let place = Int32(truncatingIfNeeded: index + 1)
      switch cell.pointee.kind {
      case .null: sqlite3_bind_null(handle, place)
      case .integer: sqlite3_bind_int64(handle, place, Int64(bitPattern: cell.pointee.bits))
      case .real: sqlite3_bind_double(handle, place, Double(bitPattern: cell.pointee.bits))
      case .text:
        let text = UnsafePointer<CChar>(bitPattern: UInt(cell.pointee.bits))
        sqlite3_bind_text64(handle, place, text, UInt64(cell.pointee.length), nil, UInt8(SQLITE_UTF8))
      }
    }
    let code = sqlite3_step(handle)
    guard code != SQLITE_DONE else {
      sqlite3_reset(handle)
      // An older version of a row changes nothing.
      written += deduplicates ? Int(sqlite3_changes(connection)) : rows
      return nil
    }
    // The error's details must be read before the statement is reset.
    let failure = SQLiteFailure.diagnostic(connection, sql: "")
    sqlite3_reset(handle)
    switch code & 0xFF {
    case SQLITE_CONSTRAINT, SQLITE_TOOBIG, SQLITE_MISMATCH: return failure.message
    default: throw failure
    }
  }

  private func missingKey(_ tokens: UnsafePointer<scv_json_token>, _ index: Int) -> String? {
    for position in keys where row[position].kind == .null {
      return "no value for '\(columns[position].field)' of the primary key"
    }
    guard !nestedKeys.isEmpty else { return nil }
    let record = JSONParser.value(UnsafeBufferPointer(start: tokens, count: Int(tokens[index].next)), at: index)
    for path in nestedKeys where (record[path] ?? .null).isNull { return "no value for '\(path.joined(separator: "."))' of the primary key" }
    return nil
  }

  /// Fills the four columns of our own.
  private func stamp(_ milliseconds: Int64, _ generation: Int64, _ sourceChanges: [RecordChange]) {
    if milliseconds != extractedMilliseconds {
      Instant.write(milliseconds: milliseconds, to: extracted)
      extractedMilliseconds = milliseconds
    }
    let stamp = stamps + waiting * RecordWriter.stampLength
    memcpy(stamp, rawText, 36)
    memcpy(stamp + 36, extracted, 24)
    setText(count, RecordWriter.characters(stamp), 36)
    setText(count + 1, RecordWriter.characters(stamp + 36), 24)
    if changes.isEmpty && sourceChanges.isEmpty {
      let clean = RecordWriter.cleanMeta
      setText(count + 2, RecordWriter.characters(clean.utf8Start), clean.utf8CodeUnitCount)
    } else {
      var bytes: [UInt8] = []
      JSON.object(["changes": .array((sourceChanges + changes).map(\.json))]).write(to: &bytes)
      setCopy(count + 2, bytes)
    }
    setInteger(count + 3, generation)
    guard overflows else { return }
    row[count + 4].kind = .null
    guard !overflow.isEmpty else { return }
    var bytes: [UInt8] = []
    JSON.object(OrderedDictionary(overflow.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })).write(to: &bytes)
    setCopy(count + 4, bytes)
  }

  /// A property without a column: one that waits for approval, one that a full table keeps with others, or a new one.
  private func note(unknown key: UnsafePointer<scv_json_token>, _ tokens: UnsafePointer<scv_json_token>, at index: Int, _ unknown: inout [String]) {
    let name = key.pointee.string
    let isNull = tokens[index].kind == UInt8(SCV_JSON_NULL.rawValue)
    if overflowing.contains(name) {
      guard !isNull else { return }
      overflow.append((name, JSONParser.value(UnsafeBufferPointer(start: tokens, count: Int(tokens[index].next)), at: index)))
    } else if ignored.contains(name) {
      if !isNull { changes.append(RecordChange(field: name, change: "NULLED", reason: "DESTINATION_RECORD_SIZE_LIMITATION")) }
    } else if !unknown.contains(name) {
      unknown.append(name)
    }
  }

  // MARK: - Values

  /// Sets a cell to a value; false if the column cannot hold it.
  @inline(__always) private func set(_ position: Int, _ value: UnsafePointer<scv_json_token>) -> Bool {
    let kind = scv_json_kind(UInt32(value.pointee.kind))
    if kind == SCV_JSON_NULL {
      row[position].kind = .null
      return true
    }
    let slot = slots + position
    switch slot.pointee.kind {
    case .text:
      text(position, value)
      return true
    case .instant:
      if kind == SCV_JSON_STRING { instant(position, value) } else { text(position, value) }
      return true
    case .integer, .number:
      switch kind {
      case SCV_JSON_INT: setInteger(position, value.pointee.value.integer)
      case SCV_JSON_DOUBLE: setReal(position, value.pointee.value.real)
      case SCV_JSON_NUMBER:
        guard slot.pointee.isWide else { return false }
        text(position, value)
      case SCV_JSON_STRING: return numeric(position, value)
      case SCV_JSON_TRUE where slot.pointee.kind == .integer, SCV_JSON_FALSE where slot.pointee.kind == .integer:
        setInteger(position, kind == SCV_JSON_TRUE ? 1 : 0)
      default: return false
      }
      return true
    case .boolean:
      return boolean(position, value, kind)
    case .json:
      if kind == SCV_JSON_STRING { quoted(position, value) } else { text(position, value) }
      return true
    case .any:
      switch kind {
      case SCV_JSON_INT: setInteger(position, value.pointee.value.integer)
      case SCV_JSON_DOUBLE: setReal(position, value.pointee.value.real)
      case SCV_JSON_TRUE: setInteger(position, 1)
      case SCV_JSON_FALSE: setInteger(position, 0)
      default: text(position, value)
      }
      return true
    }
  }

  @inline(__always) private func setInteger(_ position: Int, _ value: Int64) {
    row[position] = Cell(kind: .integer, length: 0, bits: UInt64(bitPattern: value))
  }

  @inline(__always) private func setReal(_ position: Int, _ value: Double) {
    row[position] = Cell(kind: .real, length: 0, bits: value.bitPattern)
  }

  @inline(__always) private func setText(_ position: Int, _ text: UnsafePointer<CChar>, _ count: Int) {
    row[position] = Cell(kind: .text, length: UInt32(truncatingIfNeeded: count), bits: UInt64(UInt(bitPattern: text)))
  }

  private func setCopy(_ position: Int, _ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { bytes in
      if let base = bytes.baseAddress { setText(position, copy(RecordWriter.characters(base), bytes.count), bytes.count) }
    }
  }

  /// The text of a string as it is, of anything else as it stands in the source.
  @inline(__always) private func text(_ position: Int, _ value: UnsafePointer<scv_json_token>) {
    let count = Int(value.pointee.length)
    setText(position, lasting(value.pointee.text, count), count)
  }

  /// The bytes themselves if they lie in a line, a copy otherwise.
  @inline(__always) private func lasting(_ text: UnsafePointer<CChar>, _ count: Int) -> UnsafePointer<CChar> {
    let offset = UInt(bitPattern: text) &- UInt(bitPattern: stable.baseAddress)
    return offset < UInt(stable.count) ? text : copy(text, count)
  }

  private func copy(_ text: UnsafePointer<CChar>, _ count: Int) -> UnsafePointer<CChar> {
    let place: UnsafeMutablePointer<UInt8>
    if copied + count <= RecordWriter.roomForCopies {
      place = copies + copied
      copied += count
    } else {
      place = .allocate(capacity: count)
      largeCopies.append(place)
      largeBytes += count
    }
    memcpy(place, text, count)
    return RecordWriter.characters(place)
  }

  private func forgetCopies() {
    copied = 0
    guard !largeCopies.isEmpty else { return }
    for place in largeCopies { place.deallocate() }
    largeCopies = []
    largeBytes = 0
  }

  private func instant(_ position: Int, _ value: UnsafePointer<scv_json_token>) {
    let count = Int(value.pointee.length)
    let form = value.pointee.text.withMemoryRebound(to: UInt8.self, capacity: max(1, count)) { Instant.normalise($0, count, into: instantBuffer) }
    switch form {
    case .asItIs: text(position, value)
    case .written(let length): setText(position, copy(RecordWriter.characters(instantBuffer), length), length)
    }
  }

  /// A number that a source writes as a string, as many do with decimals; blanks around it, a plus sign and the like are none.
  private func numeric(_ position: Int, _ value: UnsafePointer<scv_json_token>) -> Bool {
    let source = value.pointee.string
    guard let number = try? JSON.parse(source), source.utf8.first.map({ $0 == UInt8(ascii: "-") || ($0 >= 48 && $0 <= 57) }) == true,
      source.utf8.last.map({ $0 >= 48 && $0 <= 57 }) == true
    else { return false }
    switch number {
    case .int(let integer): setInteger(position, integer)
    case .double(let real): setReal(position, real)
    case .number where slots[position].isWide: text(position, value)
    default: return false
    }
    return true
  }

  private func boolean(_ position: Int, _ value: UnsafePointer<scv_json_token>, _ kind: scv_json_kind) -> Bool {
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
    setInteger(position, truth ? 1 : 0)
    return true
  }

  /// A string where JSON text is wanted.
  private func quoted(_ position: Int, _ value: UnsafePointer<scv_json_token>) {
    var bytes: [UInt8] = []
    JSON.writeQuoted(value.pointee.string, to: &bytes)
    setCopy(position, bytes)
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
