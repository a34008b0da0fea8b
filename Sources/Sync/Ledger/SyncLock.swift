import Diagnostics
import Glibc
import Warehouse

/// Keeps two syncs of one connection into one warehouse apart: a locked file beside the warehouse, which the system unlocks when
/// its holder dies.
final class SyncLock {
  private let path: String
  private let descriptor: Int32

  /// Takes the lock.
  ///
  /// - Parameters:
  ///   - warehouse: the file of the warehouse.
  ///   - patience: how many seconds to wait for another sync to end.
  /// - Throws: `Diagnostic` (`sync.locked`) that says who has it.
  init(warehouse: String, connection: String, patience: Double) throws {
    let safe = String(connection.map { $0 == "/" || $0 == "\0" ? "_" : $0 })
    path = warehouse + ".sync-" + safe + ".lock"
    let deadline = Clock.now + patience
    while true {
      let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard file >= 0 else {
        throw Diagnostic(
          .system, "sync.cannot-lock", "the lock beside the warehouse cannot be made", at: SourceLocation(file: path),
          hint: "check who may write to the folder of the warehouse", cause: String(cString: strerror(errno)))
      }
      if flock(file, LOCK_EX | LOCK_NB) == 0 {
        // The holder before may have removed the file between our opening and locking it.
        var opened = stat()
        var named = stat()
        if fstat(file, &opened) == 0, stat(path, &named) == 0, opened.st_ino == named.st_ino {
          descriptor = file
          let note = "process \(getpid()) since \(Instant.text(milliseconds: Clock.milliseconds))\n"
          ftruncate(file, 0)
          _ = note.withCString { write(file, $0, strlen($0)) }
          return
        }
        close(file)
        continue
      }
      var note = [UInt8](repeating: 0, count: 200)
      let count = read(file, &note, note.count)
      close(file)
      guard Clock.now < deadline, !ChildProcesses.isInterrupted else {
        let holder = count > 0 ? String(decoding: note[..<count], as: UTF8.self).split(separator: "\n").first.map(String.init) : nil
        throw Diagnostic(
          .system, "sync.locked", "the connection '\(connection)' is being synced already, by \(holder ?? "another process")",
          hint: "wait until it has finished, or let this one wait for it: --wait SECONDS")
      }
      usleep(100_000)
    }
  }

  /// Takes the lock for syncs of `connection`.
  ///
  /// - Returns: nil where there is no file to lock: another process cannot see the warehouse.
  /// - Throws: `Diagnostic` (`sync.locked`).
  convenience init?(for connection: Connection, into adapter: SQLiteAdapter, _ options: SyncOptions) throws {
    guard adapter.layout.path != ":memory:" else { return nil }
    try self.init(warehouse: adapter.layout.path, connection: connection.name, patience: options.lockPatience)
  }

  deinit {
    unlink(path)
    close(descriptor)
  }
}
