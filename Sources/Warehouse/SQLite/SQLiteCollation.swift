import GRDBSQLite
import Glibc

/// Orders of text that every connection of a warehouse knows. Nothing that scv leaves in the file names one, so that it opens in any
/// SQLite tool.
public enum SQLiteCollation {
  /// Timestamps of ISO 8601 in one zone: without regard to a `Z` at the end, so that 12:00:00.5Z comes after 12:00:00Z.
  ///
  /// A function would do as well, but SQLite keeps a journal of every statement that calls one, and copies each page that it
  /// changes into it.
  public static let instant = "scv_instant"

  static func register(on connection: OpaquePointer?) {
    sqlite3_create_collation_v2(
      connection, instant, SQLITE_UTF8, nil,
      { _, leftCount, left, rightCount, right in
        guard let left, let right else { return leftCount &- rightCount }
        let one = SQLiteCollation.length(left, leftCount)
        let other = SQLiteCollation.length(right, rightCount)
        let order = memcmp(left, right, min(one, other))
        return order != 0 ? order : Int32(truncatingIfNeeded: one - other)
      }, nil)
  }

  private static func length(_ text: UnsafeRawPointer, _ count: Int32) -> Int {
    let count = Int(count)
    return count > 0 && text.load(fromByteOffset: count - 1, as: UInt8.self) == UInt8(ascii: "Z") ? count - 1 : count
  }
}
