import ArgumentParser
import DataFormats
import Diagnostics
@preconcurrency import Glibc
import Sync

/// `scv rejected`: records that found no place in their table, why, and a second try.
struct RejectedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rejected", abstract: "See the records that syncs put aside, and load them again.", subcommands: [List.self, Show.self, Replay.self],
    defaultSubcommand: List.self)

  /// Which records.
  struct Chosen: ParsableArguments {
    @OptionGroup var options: ProjectOptions
    @Option(name: [.short, .long], parsing: .upToNextOption, help: "Connections: names, or tag:WORD. Default: all that are enabled.")
    var connection: [String] = []
    @Option(help: "Only those of a stream.") var stream: String?
  }

  /// `list`: how many, by reason.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Count them, by connection, stream and reason.")
    @OptionGroup var chosen: Chosen

    func run() throws {
      let settings = try ConnectionSettings(chosen.options, command: "rejected")
      let adapter = try settings.adapterToLook()
      var table = TextTable(["connection", "stream", "records", "last", "reason"])
      var count = 0
      for connection in try ConnectionSelection(select: chosen.connection).apply(to: settings.connections) {
        for group in try RejectedRecords(adapter: adapter).groups(of: connection) where chosen.stream == nil || group.stream.name == chosen.stream {
          table.add([group.connection, group.stream.description, Numbers.grouped(group.count), String(group.last.prefix(16)), group.reason])
          count += group.count
        }
      }
      try adapter.close()
      guard count > 0 else { return Terminal.say("No records were put aside.") }
      for line in table.lines(limit: 90) { Terminal.say(line) }
    }
  }

  /// `show`: the records themselves.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the last of them, as they came.")
    @OptionGroup var chosen: Chosen
    @Option(help: "How many.") var limit = 10
    @Option(help: "text or json, a line each.") var output = ResultFormat.text

    func run() throws {
      let settings = try ConnectionSettings(chosen.options, command: "rejected")
      let adapter = try settings.adapterToLook()
      for connection in try ConnectionSelection(select: chosen.connection).apply(to: settings.connections) {
        for record in try RejectedRecords(adapter: adapter).records(of: connection, stream: chosen.stream, limit: limit) {
          if output == .text {
            Terminal.say("\(record.connection).\(record.stream), \(record.rejectedAt): \(record.reason)")
            Terminal.say("  " + record.record)
          } else {
            let object: JSON = [
              "connection": .string(record.connection), "stream": .string(record.stream.description), "reason": .string(record.reason),
              "rejected_at": .string(record.rejectedAt), "record": (try? JSON.parse(record.record)) ?? .string(record.record),
            ]
            Terminal.say(object.text())
          }
        }
      }
      try adapter.close()
    }
  }

  /// `replay`: a second try.
  struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Load them again, into the tables as they are now.",
      discussion: "What finds its place leaves those that were put aside, in one transaction; the rest stays there.")
    @OptionGroup var chosen: Chosen

    func run() throws {
      let settings = try ConnectionSettings(chosen.options, command: "rejected")
      let adapter = try settings.adapter()
      var sum = RejectedRecords.Replay()
      for connection in try ConnectionSelection(select: chosen.connection).apply(to: settings.connections) {
        let replay = try RejectedRecords(adapter: adapter).replay(
          connection, stream: chosen.stream, options: SyncOptions(projectFolder: settings.folder))
        sum.placed += replay.placed
        sum.remaining += replay.remaining
      }
      try adapter.close()
      Terminal.say("\(Numbers.grouped(sum.placed)) records found their place, \(Numbers.grouped(sum.remaining)) still have none.")
    }
  }
}
