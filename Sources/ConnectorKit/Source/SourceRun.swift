import AirbyteProtocol
import DataFormats
import Diagnostics

/// One `read`: the configured streams, one after the other.
struct SourceRun {
  let streams: [any SourceStream]
  let session: SourceSession
  let writer: MessageWriter

  /// Reads every stream of `catalog`; one that fails does not stop the others.
  ///
  /// - Returns: the exit code.
  func run(_ catalog: ConfiguredCatalog, from states: [StateMessage]) throws -> Int32 {
    var failed: [String] = []
    for configured in catalog.streams {
      let name = configured.stream.name
      let state = StateMessage.state(of: name, namespace: configured.stream.namespace, in: states)
      do {
        try read(configured, state)
      } catch let error where !(error is BrokenPipe) {
        failed.append(name)
        try report(error, configured.descriptor)
      }
    }
    guard !failed.isEmpty else { return 0 }
    try session.log(.error, "\(failed.count) of \(catalog.streams.count) streams failed: \(failed.joined(separator: ", "))")
    return 1
  }

  private func read(_ configured: ConfiguredStream, _ state: JSON?) throws {
    try status(.started, configured.descriptor)
    guard let stream = streams.first(where: { $0.name == configured.stream.name }) else {
      let names = streams.map(\.name)
      throw Diagnostic(
        .configuration, "connector.unknown-stream", "there is no stream '\(configured.stream.name)'",
        hint: Suggestion.didYouMean(configured.stream.name, among: names) ?? "the streams are \(names.joined(separator: ", "))")
    }
    let isIncremental = configured.syncMode == .incremental
    if isIncremental, let state, !state.isNull, state.object == nil { throw Diagnostic.malformedState("is \(state.text().prefix(40)), not an object") }
    let output = StreamOutput(writer, stream: configured.descriptor, isFullRefresh: !isIncremental)
    let request = ReadRequest(syncMode: isIncremental ? .incremental : .fullRefresh, state: state, schema: configured.stream.jsonSchema)
    try stream.read(request, to: output)
    try output.finish()
    try session.log(.info, "\(configured.stream.name): \(output.count) records")
    try status(.complete, configured.descriptor)
  }

  private func report(_ error: any Error, _ stream: StreamDescriptor) throws {
    let failure = SourceFailure(error, session.redactor)
    let trace = TraceMessage.SourceError(
      message: "\(stream): \(failure.summary)", internalMessage: failure.details, failureType: failure.type, stream: stream)
    try writer.send(.trace(.error(trace), emittedAt: MessageWriter.now))
    try status(.incomplete, stream)
  }

  private func status(_ status: TraceMessage.StreamStatus.Status, _ stream: StreamDescriptor) throws {
    try writer.send(.trace(.streamStatus(.init(stream: stream, status: status)), emittedAt: MessageWriter.now))
  }
}
