import AirbyteProtocol
import DataFormats
import Diagnostics
import Glibc
import HTTP

/// The entry point of a source: `spec`, `check`, `discover` and `read` of the Airbyte protocol
/// (https://docs.airbyte.com/understanding-airbyte/airbyte-protocol).
///
///     import ConnectorKit
///
///     exit(SourceProgram.run(StripeSource.self))
public enum SourceProgram {
  /// Runs a source.
  ///
  /// - Parameters:
  ///   - source: the source.
  ///   - arguments: the command line without the program's name.
  /// - Returns: the exit code: 0, 1 if something failed in the run, 2 for wrong use. A failed `check` is an answer, not a failure.
  public static func run<S: Source>(_ source: S.Type, arguments: [String] = Array(CommandLine.arguments.dropFirst())) -> Int32 {
    // A reader that goes away is met as an error of `write`.
    signal(SIGPIPE, SIG_IGN)
    return run(source, arguments: arguments, writer: MessageWriter(), client: { HTTPClient(retry: $0, userAgent: "scv (\(S.specification.name))") })
  }

  static func run<S: Source>(_ source: S.Type, arguments: [String], writer: MessageWriter, client: (RetryPolicy) -> HTTPClient) -> Int32 {
    do {
      let arguments = try SourceArguments(arguments)
      let code = try run(source, arguments, writer, client(arguments.verb == .check ? .check : RetryPolicy()))
      try writer.flush()
      return code
    } catch is BrokenPipe {
      return 128 + SIGPIPE
    } catch let problem as Diagnostic where problem.category == .usage {
      writeError("\(problem)\n")
      return 2
    } catch {
      return (try? report(error, Redactor(), writer)) ?? 1
    }
  }

  private static func run<S: Source>(_ source: S.Type, _ arguments: SourceArguments, _ writer: MessageWriter, _ client: HTTPClient) throws -> Int32 {
    switch arguments.verb {
    case .help:
      let usage = "usage: \(S.specification.name) spec|check|discover|read [--config FILE] [--catalog FILE] [--state FILE]\n\n"
      try writer.line(at: 0) { $0 += (usage + S.specification.reference).utf8 }
      return 0
    case .spec:
      try writer.send(.spec(S.specification.specification))
      return 0
    case .check, .discover, .read:
      break
    }
    let path = try arguments.required(arguments.config, "--config")
    let catalogPath = arguments.verb == .read ? try arguments.required(arguments.catalog, "--catalog") : nil
    let session: SourceSession
    var redactor = Redactor()
    do {
      let json = try InputFile.json(path)
      session = SourceSession(writer, client: client, config: json, secrets: S.specification.specification.secrets(in: json))
      redactor = session.redactor
      let config = try S.specification.check(json, file: path)
      for warning in config.warnings { try session.log(.warn, warning.message + (warning.hint.map { "; \($0)" } ?? "")) }
      let source = try S(config, session)
      return try run(source, arguments.verb, catalogPath, arguments.state, session, writer)
    } catch let error where !(error is BrokenPipe) {
      if arguments.verb == .check {
        try writer.send(.connectionStatus(ConnectionStatus(succeeded: false, message: SourceFailure(error, redactor).summary)))
        return 0
      }
      return try report(error, redactor, writer)
    }
  }

  private static func run(
    _ source: some Source, _ verb: SourceArguments.Verb, _ catalogPath: String?, _ statePath: String?, _ session: SourceSession, _ writer: MessageWriter
  ) throws -> Int32 {
    do {
      switch verb {
      case .check:
        try source.check()
        try writer.send(.connectionStatus(ConnectionStatus(succeeded: true)))
        return 0
      case .discover:
        return try discover(source, session, writer)
      default:
        let catalog = try document(
          catalogPath ?? "", ConfiguredCatalog.init(json:), "a configured catalog is {\"streams\": [{\"stream\": …, \"sync_mode\": …}]}")
        let states = try statePath.map { try document($0, StateMessage.list(fromFile:), "a state file is a list of the states that a read has told") } ?? []
        let streams = try source.streams()
        return try SourceRun(streams: streams, session: session, writer: writer).run(catalog, from: states)
      }
    } catch let failure as HTTPFailure {
      // Secrets may have been learnt since.
      throw HTTPFailure(failure.kind, response: failure.response, diagnostic: session.redactor.redact(failure.diagnostic))
    } catch let problem as Diagnostic {
      throw session.redactor.redact(problem)
    }
  }

  /// Tells the streams. Where one cannot be described, the others are told all the same, and what is wrong with that one.
  private static func discover(_ source: some Source, _ session: SourceSession, _ writer: MessageWriter) throws -> Int32 {
    var streams: [CatalogStream] = []
    var failures: [(name: String, error: any Error)] = []
    for stream in try source.streams() {
      do { streams.append(try stream.describe().catalogStream) } catch let error where !(error is BrokenPipe) { failures.append((stream.name, error)) }
    }
    if streams.isEmpty, let first = failures.first { throw first.error }
    for failure in failures {
      let told = SourceFailure(failure.error, session.redactor)
      let trace = TraceMessage.SourceError(
        message: "\(failure.name): \(told.summary)", internalMessage: told.details, failureType: told.type, stream: StreamDescriptor(name: failure.name))
      try writer.send(.trace(.error(trace), emittedAt: MessageWriter.now))
    }
    try writer.send(.catalog(Catalog(streams: streams)))
    return failures.isEmpty ? 0 : 1
  }

  /// What `parse` makes of the document in a file; a problem with it gets the file's name, and says what belongs there.
  private static func document<Value>(_ path: String, _ parse: (JSON) throws -> Value, _ hint: String) throws -> Value {
    let json = try InputFile.json(path)
    do { return try parse(json) } catch var problem as Diagnostic {
      problem.category = .configuration
      problem.location = SourceLocation(file: path)
      problem.hint = problem.hint ?? hint
      throw problem
    }
  }

  private static func report(_ error: any Error, _ redactor: Redactor, _ writer: MessageWriter) throws -> Int32 {
    let failure = SourceFailure(error, redactor)
    let trace = TraceMessage.SourceError(message: failure.summary, internalMessage: failure.details, failureType: failure.type)
    try writer.send(.trace(.error(trace), emittedAt: MessageWriter.now))
    writeError(failure.details + "\n")
    return 1
  }

  private static func writeError(_ text: String) {
    var text = text
    text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
