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
/// Some rows are collected and inserted by one statement, which spares SQLite much of what it does a
/// statement, and rows with a key many more, to be sorted; until then their cells point into the lines that they came in, so that
/// nothing is copied but what was escaped there.
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

  /// How a column stores what comes.
  struct Slot {
    var kind: ColumnKind
    /// Whether the column stores numbers of any length as text.
    var isWide: Bool
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
  /// Inserts `batch` rows at once.
  private let many: SQLiteStatement
  private let batch: Int
  private let width: Int
  /// What is bound to the places of `many`.
  private let bound: UnsafeMutablePointer<RowWindow.Cell>
  /// The rows that wait.
  let window: RowWindow
  /// The cells of the row that is being filled.
  var row: UnsafeMutablePointer<RowWindow.Cell>
  /// How each column stores what comes.
  let slots: UnsafeMutablePointer<Slot>
  private let keys: [Int]
  private let properties: PropertyIndex
  private let count: Int
  let columns: [TableColumn]
  private let deduplicates: Bool
  private let nestedKeys: [[String]]
  private let ignored: Set<String>
  private let overflowing: Set<String>
  private let overflows: Bool
  /// The values of the current row that have no column of their own.
  private var overflow: [(key: String, value: JSON)] = []
  private let rawText: UnsafePointer<UInt8>
  private let extracted: UnsafeMutablePointer<UInt8>
  private var extractedMilliseconds = Int64.min
  private var fetched: UInt64 = 0
  /// Room to write a date or time into.
  let calendarBuffer: UnsafeMutablePointer<UInt8>
  /// What was done to values of the current row.
  var changes: [RecordChange] = []

  private static let cleanMeta: StaticString = #"{"changes":[]}"#
  private static let mostRows = 16
  private static let mostCells = 4096
  /// How many rows are sorted at most, and how many bytes their cells may take.
  private static let mostSorted = 1 << 16
  private static let mostSortedBytes = 12 << 20

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
    batch = nestedKeys.isEmpty ? max(1, min(RecordWriter.mostRows, RecordWriter.mostCells / width)) : 1
    let rowSize = width * MemoryLayout<RowWindow.Cell>.stride
    let sorts = !keys.isEmpty && nestedKeys.isEmpty
    window = RowWindow(
      capacity: sorts ? max(batch, min(RecordWriter.mostSorted, RecordWriter.mostSortedBytes / rowSize)) : batch, width: width,
      keys: sorts ? keys.compactMap { path in columns.firstIndex { $0.field == path.first } } : [])
    one = try SQLiteStatement(connection, sql(1))
    do { many = batch > 1 ? try SQLiteStatement(connection, sql(batch)) : one } catch {
      one.finalize()
      throw error
    }
    // Nothing is bound to begin with, and that is NULL.
    bound = .allocate(capacity: batch * width)
    bound.initialize(repeating: RowWindow.Cell(kind: .null, length: 0, bits: 0), count: batch * width)
    row = window.cells
    rawText = UnsafePointer(rawIdentifier.text)
    self.columns = columns
    self.ignored = ignored
    self.overflowing = overflowing ?? []
    deduplicates = !keys.isEmpty
    count = columns.count
    properties = PropertyIndex(columns.map(\.field))
    slots = .allocate(capacity: max(1, count))
    for (index, column) in columns.enumerated() {
      (slots + index).initialize(to: Slot(kind: column.kind, isWide: ColumnKind.affinity(column.declared) == .none))
    }
    let names = Set(keys.compactMap(\.first))
    self.keys = columns.indices.filter { names.contains(columns[$0].field) }
    extracted = .allocate(capacity: 24)
    calendarBuffer = .allocate(capacity: CalendarText.longest)
  }

  deinit {
    one.finalize()
    if batch > 1 { many.finalize() }
    bound.deallocate()
    slots.deallocate()
    extracted.deallocate()
    calendarBuffer.deallocate()
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
    for position in 0..<count { row[position] = RowWindow.Cell(kind: .null, length: 0, bits: 0) }
    var previous = -1
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
      let found = properties.find(key, after: previous)
      guard found >= 0 else {
        note(unknown: key, tokens, at: Int(value - UnsafePointer(tokens)), &unknown)
        continue
      }
      previous = found
      switch store(value, at: found) {
      case .stored: break
      case .tooNarrow: narrow.append(found)
      case .unfitting: change(found, .nulled)
      }
    }
    if !unknown.isEmpty || !narrow.isEmpty { return .unfitting(fields: unknown, slots: narrow) }
    if let reason = missingKey(tokens, index) { return .rejected(reason) }
    stamp(milliseconds, generation, sourceChanges)
    for change in changes where change.change == Change.nulled.rawValue { nulled += 1 }
    let record = tokens[index]
    window.take(
      .init(text: lasting(record.text, Int(record.length)), length: Int(record.length), counter: counter, milliseconds: milliseconds))
    // Rows that come in order need not wait for others.
    if window.isFull || window.isOrdered && window.count == batch { try flush() } else { row += width }
    return .taken
  }

  /// Writes the rows that wait. What `stable` held since the last time may go afterwards.
  ///
  /// Rows with a key are written in the order of their keys: neighbours in the key's index are neighbours in time then, and most of
  /// what an update touches is still at hand. Of equal keys, the one that came later is written later.
  ///
  /// - Throws: `Diagnostic` of the category `.database`, if the warehouse can take no more at all.
  func flush() throws {
    let rows = window.count
    guard rows > 0 else { return }
    defer {
      window.clear()
      row = window.cells
    }
    let order = window.order()
    var at = 0
    while at < rows {
      let count = rows - at >= batch ? batch : 1
      if let order { fetched = window.fetch(order[min(rows, at + count)..<min(rows, at + count + batch)]) }
      if try count == 1 || run(many, at, count, order) != nil {
        // One by one, too, if one of them was refused.
        for index in at..<at + count {
          guard let reason = try run(one, index, 1, order) else { continue }
          refuse(window.origins[order.map { Int($0[index]) } ?? index], reason)
        }
      }
      at += count
    }
  }

  private func refuse(_ origin: RowWindow.Origin, _ reason: String) {
    let record = String(decoding: UnsafeRawBufferPointer(start: origin.text, count: origin.length), as: UTF8.self)
    refused.append(Refusal(record: record, reason: reason, counter: origin.counter, milliseconds: origin.milliseconds))
  }

  /// Runs a statement over the cells of `rows` rows, from `first` of the order on.
  ///
  /// - Returns: why the warehouse refuses one of them; then it has taken none.
  private func run(_ statement: SQLiteStatement, _ first: Int, _ rows: Int, _ order: [Int32]?) throws -> String? {
    let handle = statement.handle
    // What stands bound since the last time is not bound again. A text is bound by its address: the bytes there may have changed.
    let bound = rows == batch ? self.bound : nil
    var place = 0
    for index in first..<first + rows {
      let cells = window.cells + (order.map { Int($0[index]) } ?? index) * width
      for column in 0..<width {
        let cell = cells[column]
        defer { place += 1 }
        if let bound {
          if bound[place] == cell { continue }
          bound[place] = cell
        }
        RecordWriter.bind(cell, handle, Int32(truncatingIfNeeded: place + 1))
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

  @inline(__always) private static func bind(_ cell: RowWindow.Cell, _ handle: OpaquePointer, _ place: Int32) {
    switch cell.kind {
    case .null: sqlite3_bind_null(handle, place)
    case .integer: sqlite3_bind_int64(handle, place, Int64(bitPattern: cell.bits))
    case .real: sqlite3_bind_double(handle, place, Double(bitPattern: cell.bits))
    case .text:
      let text = UnsafePointer<CChar>(bitPattern: UInt(cell.bits))
      sqlite3_bind_text64(handle, place, text, UInt64(cell.length), nil, UInt8(SQLITE_UTF8))
    }
  }

  private func missingKey(_ tokens: UnsafePointer<scv_json_token>, _ index: Int) -> String? {
    for position in keys where row[position].kind == .null {
      let field = columns[position].field
      return changes.contains { $0.field == field }
        ? "the value of '\(field)', part of the primary key, does not fit its column" : "no value for '\(field)' of the primary key"
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
    let stamp = window.stamp
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
      if !isNull { changes.append(RecordChange(field: name, change: Change.nulled.rawValue, reason: "DESTINATION_RECORD_SIZE_LIMITATION")) }
    } else if !unknown.contains(name) {
      unknown.append(name)
    }
  }

  @inline(__always) static func characters(_ bytes: UnsafePointer<UInt8>) -> UnsafePointer<CChar> {
    UnsafeRawPointer(bytes).assumingMemoryBound(to: CChar.self)
  }
}
