import Diagnostics
import GRDBSQLite

/// A prepared statement by its raw handle: what bulk work binds and steps without a detour.
///
/// To be finalized by whoever made it.
public struct SQLiteStatement {
  /// The raw statement.
  public let handle: OpaquePointer
  private let connection: OpaquePointer

  /// SQLite copies what is bound under this destructor.
  static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  private init(_ connection: OpaquePointer, _ handle: OpaquePointer) {
    self.connection = connection
    self.handle = handle
  }

  /// Prepares one statement for many runs.
  ///
  /// - Throws: `Diagnostic` (`warehouse.sql`).
  public init(_ connection: OpaquePointer, _ sql: String) throws {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil) == SQLITE_OK, let statement else {
      throw SQLiteFailure.diagnostic(connection, sql: sql)
    }
    self.init(connection, statement)
  }

  /// Prepares the statement that begins at byte `start` of `sql`.
  ///
  /// - Returns: the statement (nil if only blanks and comments are left) and where it ends.
  static func prepare(_ connection: OpaquePointer, _ sql: UnsafeBufferPointer<CChar>, _ start: Int) throws -> (SQLiteStatement?, Int)? {
    guard let base = sql.baseAddress else { return nil }
    var statement: OpaquePointer?
    var tail: UnsafePointer<CChar>?
    let code = sqlite3_prepare_v2(connection, base + start, Int32(clamping: sql.count - start), &statement, &tail)
    guard code == SQLITE_OK else {
      let text = String(decoding: UnsafeRawBufferPointer(sql), as: UTF8.self)
      throw SQLiteFailure.diagnostic(connection, sql: text, statementStart: start)
    }
    let end = tail.map { $0 - base } ?? sql.count
    return (statement.map { SQLiteStatement(connection, $0) }, max(end, start + 1))
  }

  /// The names of the columns of the result.
  public var columnNames: [String] {
    (0..<sqlite3_column_count(handle)).map { sqlite3_column_name(handle, $0).map { String(cString: $0) } ?? "" }
  }

  var declaredTypes: [String] {
    (0..<sqlite3_column_count(handle)).map { sqlite3_column_decltype(handle, $0).map { String(cString: $0) } ?? "" }
  }

  /// Binds values to the places 1, 2, …; places that are left over are NULL.
  public func bind(_ values: [SQLValue]) throws {
    let places = sqlite3_bind_parameter_count(handle)
    for (index, value) in values.prefix(Int(places)).enumerated() {
      let place = Int32(index + 1)
      let code: Int32
      switch value {
      case .null: code = sqlite3_bind_null(handle, place)
      case .integer(let value): code = sqlite3_bind_int64(handle, place, value)
      case .real(let value): code = sqlite3_bind_double(handle, place, value)
      case .text(var value):
        code = value.withUTF8 { bytes in
          bytes.withMemoryRebound(to: CChar.self) {
            // An empty buffer may have no address, and SQLite reads a null pointer as NULL.
            sqlite3_bind_text64(handle, place, $0.baseAddress ?? SQLiteStatement.empty, UInt64($0.count), SQLiteStatement.transient, UInt8(SQLITE_UTF8))
          }
        }
      case .blob(let bytes):
        code = bytes.withUnsafeBytes {
          $0.isEmpty ? sqlite3_bind_zeroblob(handle, place, 0) : sqlite3_bind_blob64(handle, place, $0.baseAddress, UInt64($0.count), SQLiteStatement.transient)
        }
      }
      guard code == SQLITE_OK else { throw SQLiteFailure.diagnostic(connection, sql: text) }
    }
  }

  // One byte that lives as long as the process.
  nonisolated(unsafe) private static let empty: UnsafePointer<CChar> = {
    let byte = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    byte.pointee = 0
    return UnsafePointer(byte)
  }()

  /// Runs on to the next row.
  ///
  /// - Returns: whether there is one.
  /// - Throws: `Diagnostic` of the category `.database`.
  public func step() throws -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw SQLiteFailure.diagnostic(connection, sql: text)
    }
  }

  /// The value in a column of the current row.
  public func value(_ column: Int32) -> SQLValue {
    switch sqlite3_column_type(handle, column) {
    case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, column))
    case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, column))
    case SQLITE_TEXT:
      let bytes = UnsafeBufferPointer(start: sqlite3_column_text(handle, column), count: Int(sqlite3_column_bytes(handle, column)))
      return .text(String(decoding: bytes, as: UTF8.self))
    case SQLITE_BLOB:
      let bytes = UnsafeRawBufferPointer(start: sqlite3_column_blob(handle, column), count: Int(sqlite3_column_bytes(handle, column)))
      return .blob(Array(bytes))
    default: return .null
    }
  }

  /// Makes it ready for the next run; bindings stay.
  public func reset() {
    sqlite3_reset(handle)
  }

  /// Frees it.
  public func finalize() {
    sqlite3_finalize(handle)
  }

  private var text: String {
    sqlite3_sql(handle).map { String(cString: $0) } ?? ""
  }
}
