import Diagnostics
import GRDB
import GRDBSQLite
import Glibc

/// SQLite's errors (https://www.sqlite.org/rescode.html) in words that say what to do.
public enum SQLiteFailure {
  static let lost = Diagnostic(.database, "warehouse.closed", "the connection to the warehouse is closed")

  /// The error that `connection` has just reported, with the place in `sql` where it knows one.
  public static func diagnostic(_ connection: OpaquePointer, sql: String, statementStart: Int = 0) -> Diagnostic {
    let message = String(cString: sqlite3_errmsg(connection))
    let offset = sqlite3_error_offset(connection)
    var diagnostic = diagnostic(code: sqlite3_extended_errcode(connection), message: message)
    guard diagnostic.code == "warehouse.sql" else { return diagnostic }
    guard offset >= 0 else { return diagnostic }
    let before = String(decoding: Array(sql.utf8.prefix(statementStart + Int(offset))), as: UTF8.self)
    let line = before.count { $0.isNewline } + 1
    let column = (before.split(separator: "\n", omittingEmptySubsequences: false).last?.count ?? 0) + 1
    diagnostic.location = SourceLocation(line: line, column: column)
    diagnostic.window = SourceWindow(source: sql, line: line, column: column)
    return diagnostic
  }

  static func diagnostic(_ error: DatabaseError) -> Diagnostic {
    diagnostic(code: error.extendedResultCode.rawValue, message: error.message ?? "no message")
  }

  static func diagnostic(_ error: any Error, opening path: String) -> Diagnostic {
    var diagnostic: Diagnostic
    switch error {
    case let error as DatabaseError: diagnostic = self.diagnostic(error)
    case let error as Diagnostic: diagnostic = error
    default: diagnostic = Diagnostic(.database, "warehouse.cannot-open", "the warehouse cannot be opened", cause: "\(error)")
    }
    if diagnostic.location == nil { diagnostic.location = SourceLocation(file: path) }
    // SQLite does not say why; the folder does. It matters even to readers, who make files beside the database.
    if diagnostic.code == "warehouse.cannot-open" || diagnostic.code == "warehouse.read-only" {
      let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
      if access(folder.isEmpty ? "/" : folder, W_OK) != 0 {
        diagnostic.cause = "the folder cannot be written to: " + String(cString: strerror(errno))
      }
    }
    return diagnostic
  }

  /// The diagnostic for one of SQLite's (extended) result codes.
  static func diagnostic(code: Int32, message: String) -> Diagnostic {
    switch code & 0xFF {
    case SQLITE_BUSY, SQLITE_LOCKED:
      Diagnostic(
        .database, "warehouse.busy", "another process is writing to the warehouse",
        hint: "wait until it has finished, or find it: fuser -v on the file", cause: message)
    case SQLITE_FULL:
      Diagnostic(
        .database, "warehouse.full", "there is no room left on the disk of the warehouse",
        hint: "free some space and run again; what was committed before is safe", cause: message)
    case SQLITE_READONLY:
      Diagnostic(
        .database, "warehouse.read-only", "the warehouse cannot be written to",
        hint: "check who may write to the file and its folder (SQLite makes -wal and -shm files beside it)", cause: message)
    case SQLITE_CANTOPEN:
      Diagnostic(
        .database, "warehouse.cannot-open", "the warehouse cannot be opened",
        hint: "check the path in the profile, and who may read and write there", cause: message)
    case SQLITE_CORRUPT:
      Diagnostic(
        .database, "warehouse.corrupt", "the file of the warehouse is damaged",
        hint: "restore a copy, or rescue what can be read: sqlite3 FILE .recover", cause: message)
    case SQLITE_NOTADB:
      Diagnostic(
        .database, "warehouse.not-sqlite", "the file is not a SQLite database", hint: "check the path in the profile", cause: message)
    case SQLITE_IOERR:
      Diagnostic(
        .database, "warehouse.io", "reading or writing the warehouse failed", hint: "check the disk and who may write to the folder",
        cause: message)
    case SQLITE_INTERRUPT:
      Diagnostic(.database, "warehouse.interrupted", "the statement was interrupted")
    default:
      Diagnostic(.database, "warehouse.sql", message)
    }
  }
}
