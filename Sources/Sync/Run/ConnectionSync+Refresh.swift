import AirbyteProtocol
import Crypto
import DataFormats
import Warehouse

/// Refreshes that break off, and whether the next attempt goes on with them.
extension ConnectionSync {
  /// Whether a refresh by that plan could go on where it broke off.
  func isResumable(_ plan: StreamPlan) -> Bool {
    guard connection.dialect == .airbyte, !leavesRefreshes else { return false }
    if acknowledgement != nil { return plan.staysForNextAttempt }
    // A source that reads by its states anyway goes on from any of them.
    return plan.isIncremental ? plan.replaces : plan.configured.stream.isResumable
  }

  /// The refresh of an earlier attempt that this one goes on with; nil if there is none, or if it begins anew.
  func unfinished(_ line: Ledger.StreamLine, _ plan: StreamPlan, _ target: Relation, _ session: any Session) throws -> Refresh? {
    guard let refresh = line.refresh, isResumable(plan), refresh.place == plan.place else { return nil }
    // Whoever pipes messages in has been given the state, and says itself whether it goes on.
    guard acknowledgement != nil ? plan.goesOn(with: refresh) : suits(refresh, line, plan) else { return nil }
    return try session.find(refresh.place == .beside ? StreamTable.draft(of: target) : target) == nil ? nil : refresh
  }

  /// The plan of a sync that nobody asked to read everything anew, while a refresh that somebody asked for waits to be gone on with.
  func goingOn(_ plan: StreamPlan, _ line: Ledger.StreamLine?, _ target: Relation, _ session: any Session) throws -> StreamPlan {
    guard let line, line.refresh?.place == .beside, plan.isIncremental, !plan.replaces, !leavesRefreshes else { return plan }
    var refresh = plan
    refresh.replaces = true
    return try unfinished(line, refresh, target, session) == nil ? plan : refresh
  }

  /// Whether what would come now continues what came before.
  private func suits(_ refresh: Refresh, _ line: Ledger.StreamLine, _ plan: StreamPlan) -> Bool {
    guard refresh.isRecent, refresh.source == nil || refresh.source == source, let before = line.configured else { return false }
    let now = plan.configured
    guard before.syncMode == now.syncMode, before.destinationSyncMode == now.destinationSyncMode, before.primaryKey == now.primaryKey,
      before.cursorField == now.cursorField, before.stream.columnKinds == now.stream.columnKinds
    else { return false }
    // One state for all streams and one of this stream do not go together.
    let isShared = storedStates.contains(where: \.isShared)
    return options.fullRefresh || !isShared
  }

  /// A refresh has come to a state that covers all its rows so far.
  func advance(_ load: StreamLoad, to state: StateMessage) {
    load.advance(to: state, syncID: load.plan.configured.syncID ?? syncID, attempt: run, source: source)
    load.cover(upTo: raw.counter)
  }

  /// Removes what an earlier attempt has left behind, to begin anew.
  func giveUp(_ refresh: Refresh?, of descriptor: StreamDescriptor, _ target: Relation, _ session: any Session) throws {
    try session.drop(StreamTable.draft(of: target))
    guard let refresh else { return }
    try ledger.takeBack(refresh, of: descriptor, target: try session.find(target) == nil ? nil : adapter.render(target), session)
  }

  /// Removes what refreshes have left behind whose streams are no longer asked for.
  func giveUpOldRefreshes(_ session: any Session) throws {
    for (descriptor, line) in lines where line.refresh?.isRecent == false && !loads.contains(where: { $0.descriptor == descriptor }) {
      try giveUp(line.refresh, of: descriptor, Relation(schema: schema(of: descriptor), identifier: line.table), session)
      var line = line
      line.refresh = nil
      try ledger.save(line, of: descriptor, session)
    }
  }

  /// A digest of what the records come from: the connector and its configuration, without its secrets.
  func fingerprint() -> String {
    let told = JSON.array(
      connection.command.map { .string($0) } + [.string(redactor.redact(String(decoding: connection.config.utf8(sorted: true), as: UTF8.self)))])
    return SHA256.hash(data: told.utf8()).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

extension CatalogStream {
  /// How the values of its properties are stored.
  fileprivate var columnKinds: [String: ColumnKind] {
    Dictionary(ColumnKind.fields(of: jsonSchema)) { first, _ in first }
  }
}
