import AirbyteProtocol
import DataFormats
import Diagnostics
import Glibc
import Warehouse

/// Loads what another program pipes in: scv as an Airbyte destination, or as a Singer target.
///
///     let load = PipedLoad(adapter: adapter, options: options, connection: connection)
///     let result = load.load(catalog) { state in print(state.text()) }
///
/// The rows come in under the same promises as those of `scv sync`: a state is given back when everything before it is durable, and
/// rows that no state covered before a crash are taken back at the next start, before they come again. Nothing is lost; one row a key,
/// and replaced rows, are exact; rows that are added are there at least once, exactly once for who goes on at the last state that came
/// back.
///
/// Rows that replace others stand beside them until all have come. If that breaks off, they wait for the next attempt, where that can
/// be told by its `generation_id` and `sync_id`; where it cannot, as with PyAirbyte's `overwrite`, they are dropped, and their states
/// come back at the end only.
public struct PipedLoad: Sendable {
  private let adapter: SQLiteAdapter
  private let options: SyncOptions
  private let connection: Connection

  /// - Parameters:
  ///   - options: how; `lockPatience` says how long to wait for another load of the same name.
  ///   - connection: the name under which the warehouse keeps account, the protocol and the schema; it has no command.
  public init(adapter: SQLiteAdapter, options: SyncOptions, connection: Connection) {
    self.adapter = adapter
    self.options = options
    self.connection = connection
  }

  /// Loads messages until there are no more.
  ///
  /// - Parameters:
  ///   - catalog: the streams, of the Airbyte protocol; nil for Singer, where each stream announces itself.
  ///   - descriptor: where the messages come in.
  ///   - acknowledge: is given each state, as it came (Singer: its value), when everything before it is durable.
  ///   - onEvent: is told what happens.
  /// - Returns: what was loaded. Nothing is thrown: what failed says so in the result.
  public func load(
    _ catalog: ConfiguredCatalog?, from descriptor: Int32 = STDIN_FILENO, acknowledge: @escaping (JSON) -> Void,
    onEvent: @escaping @Sendable (SyncEvent) -> Void = { _ in }
  ) -> ConnectionResult {
    ConnectionSync(connection, adapter: adapter, options: options, emit: onEvent).write(catalog, from: descriptor, acknowledging: acknowledge)
  }
}
