import AirbyteProtocol
import Diagnostics

/// What a sync did with one stream.
public struct StreamResult: Sendable, Equatable {
  /// How it ended.
  public enum Status: String, Sendable {
    /// Everything was read and stored.
    case succeeded
    /// Something failed; what was stored up to the last checkpoint stays.
    case failed
  }

  /// Where the next sync begins, after a failure.
  public enum Resumption: String, Sendable {
    /// At the last checkpoint: what was kept is not read again.
    case goesOn
    /// At the beginning of the stream.
    case beginsAnew
  }

  /// The stream.
  public var stream: StreamDescriptor
  /// The table, as it stands in SQL.
  public var table: String
  /// How it ended.
  public var status: Status = .succeeded
  /// How many records came.
  public var rowsRead = 0
  /// How many rows were added or changed and are there to stay. Of a stream that failed these are the rows that are kept.
  public var rowsWritten = 0
  /// How many records went to `_scv_rejected`.
  public var rejected = 0
  /// How many values were set to NULL.
  public var nulled = 0
  /// How many bytes its messages had.
  public var bytes = 0
  /// Whether a state was stored.
  public var stateSaved = false
  /// How many rows are still to come, if the source has an estimate.
  public var estimatedRows: Int64?
  /// How long it took, from its first message to its last.
  public var seconds = 0.0
  /// Why it failed.
  public var error: Diagnostic?
  /// Where the next sync begins, if it failed; nil if it was not read at all.
  public var resumption: Resumption?

  init(stream: StreamDescriptor, table: String) {
    self.stream = stream
    self.table = table
  }
}

/// What a sync of one connection did.
public struct ConnectionResult: Sendable, Equatable {
  /// The connection's name.
  public var connection: String
  /// Its streams, in the order of the catalog.
  public var streams: [StreamResult] = []
  /// What was wrong without being a failure: counts that do not add up, values that were set to NULL.
  public var warnings: [Diagnostic] = []
  /// How long it took.
  public var seconds = 0.0
  /// Why it failed, if it did as a whole; streams have their own errors.
  public var error: Diagnostic?

  init(connection: String) {
    self.connection = connection
  }

  /// How often it was tried.
  public var attempts = 1

  /// Everything that failed, each once and at its most exact place: what ended the whole also ended its streams.
  public var failures: [Diagnostic] {
    func isSame(_ one: Diagnostic, _ other: Diagnostic) -> Bool { (one.code, one.message, one.cause) == (other.code, other.message, other.cause) }
    var found: [Diagnostic] = []
    for failure in streams.compactMap(\.error) where !found.contains(where: { isSame($0, failure) }) {
      // One that the streams have from the whole is told where the whole stands.
      let isShared = streams.count { $0.error.map { isSame($0, failure) } ?? false } > 1
      found.append(isShared ? error.flatMap { isSame($0, failure) ? $0 : nil } ?? failure : failure)
    }
    if let error, !found.contains(where: { isSame($0, error) }) { found.insert(error, at: 0) }
    return found
  }

  /// Whether everything was read and stored.
  public var succeeded: Bool { error == nil && streams.allSatisfy { $0.status == .succeeded } }
  /// How many records came.
  public var rowsRead: Int { streams.reduce(0) { $0 + $1.rowsRead } }
  /// How many rows were added or changed.
  public var rowsWritten: Int { streams.reduce(0) { $0 + $1.rowsWritten } }
  /// How many bytes came.
  public var bytes: Int { streams.reduce(0) { $0 + $1.bytes } }
}

/// What happens while connections are synced; texts in it are free of secrets.
public enum SyncEvent: Sendable {
  /// A connection's sync began.
  case started(connection: String)
  /// The connector is being made ready, which takes a while.
  case preparing(connection: String, String)
  /// The source was asked what it has, and reading begins with these streams.
  case reading(connection: String, streams: [String])
  /// Where it stands; a few times a second at most.
  case progress(connection: String, streams: [StreamResult], seconds: Double)
  /// A line of the source's log or its standard error.
  case log(connection: String, LogMessage)
  /// An attempt failed with that error; the next one begins in some seconds.
  case retrying(connection: String, Diagnostic, kept: Int, seconds: Double)
  /// Something that is wrong without being a failure.
  case warning(connection: String, Diagnostic)
  /// A connection's sync ended.
  case finished(ConnectionResult)
}
