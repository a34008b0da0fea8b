import ArgumentParser
import Diagnostics
import Glibc
import Sandbox

/// `scv-sandbox`: a synthetic company on loopback.
@main
struct SandboxCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scv-sandbox",
    abstract: "Play one synthetic e-commerce company behind the APIs of Salesforce, Stripe, Zendesk, Shopify and a file server.",
    discussion: """
      Everything listens on 127.0.0.1, under one port: /salesforce, /stripe, /zendesk, /shopify and /files. The same seed and size always make \
      the same company, whose clock stands still until it is moved on: with --advance, or with POST /_sandbox/advance?by=1d.
      """,
    subcommands: [ServeCommand.self, TruthCommand.self, FilesCommand.self], defaultSubcommand: ServeCommand.self)
}

/// The options that say which company is meant.
struct CompanyOptions: ParsableArguments {
  @Option(help: "How many people have joined when the books are opened.")
  var customers = 2_000

  @Option(help: "What everything is drawn from.")
  var seed: UInt64 = 7

  @Option(help: "When the books are opened: the first \"now\".")
  var now = "2026-03-01T00:00:00Z"

  @Option(help: "How far the clock has moved on since: 1d, 12h, 1d12h.")
  var advance = "0s"

  func options() throws -> SandboxOptions {
    guard (1...5_000_000).contains(customers) else {
      throw Diagnostic(.usage, "sandbox.invalid-size", "--customers \(customers) is out of range", hint: "choose between 1 and 5000000")
    }
    return SandboxOptions(
      customers: customers, seed: seed, opening: try SandboxOptions.time(now), advance: try SandboxOptions.span(advance))
  }
}

/// `scv-sandbox serve`: serve until interrupted.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "serve", abstract: "Serve until interrupted (the default).")

  @OptionGroup var company: CompanyOptions

  @Option(help: "The port on 127.0.0.1; 0 takes a free one and prints it.")
  var port = 8_484

  @Option(help: "How to misbehave: rate-limit, server-error, reset, truncated, expired-token, slow, quota, or all.")
  var fault = ""

  @Option(help: "Also write the truth: a folder, or the path of the CSV file; counts.json is written beside it.")
  var truth: String?

  func run() async throws {
    await reportingProblems {
      var options = try company.options()
      guard (0...65_535).contains(port) else {
        throw Diagnostic(.usage, "sandbox.invalid-port", "--port \(port) is no port", hint: "choose between 0 and 65535")
      }
      options.port = port
      options.faults = try Fault.list(fault)
      if let truth { try SandboxTruth.write(options, to: truth) }
      try await SandboxServer.serve(options) { port in
        // Straight to the descriptor: who waits for the line gets it at once, also through a pipe.
        emit("listening on http://127.0.0.1:\(port)\n", to: STDOUT_FILENO)
      }
    }
  }
}

/// `scv-sandbox truth`: write who is who, without serving.
struct TruthCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "truth", abstract: "Write who is who (CSV) and the record count of every stream (counts.json).")

  @OptionGroup var company: CompanyOptions

  @Argument(help: "A folder, or the path of the CSV file; counts.json is written beside it.")
  var path = "truth.csv"

  func run() async throws {
    await reportingProblems { try SandboxTruth.write(try company.options(), to: path) }
  }
}

/// `scv-sandbox files`: write the product logs to a folder.
struct FilesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "files", abstract: "Write the files that /files serves, the product logs and the user export, to a folder.")

  @OptionGroup var company: CompanyOptions

  @Option(name: .customLong("out"), help: "The folder.")
  var folder: String

  func run() async throws {
    await reportingProblems { try SandboxFiles.write(try company.options(), to: folder) }
  }
}

/// Shows a problem as the toolkit shows all of them, and ends with its exit code.
private func reportingProblems(_ work: () async throws -> Void) async {
  do {
    try await work()
  } catch let problem as Diagnostic {
    emit(problem.description + "\n", to: STDERR_FILENO)
    exit(problem.category.exitCode)
  } catch {
    emit("\(error)\n", to: STDERR_FILENO)
    exit(1)
  }
}

private func emit(_ text: String, to descriptor: Int32) {
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    guard written > 0 else { return }
    rest = rest.dropFirst(written)
  }
}
