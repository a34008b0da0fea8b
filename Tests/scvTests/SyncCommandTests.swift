import Foundation
import Subprocess
import Testing

/// `scv sync` as its users see it.
@Suite struct SyncCommandTests {
  /// A source of three users that goes on where it was; its `--state` is the number of the last one.
  static let source = #"""
    while [ $# -gt 0 ]; do
      case $1 in
        spec|discover|read) verb=$1;;
        --state) seen=yes; shift;;
        --config|--catalog) shift;;
      esac
      shift
    done
    case $verb in
      discover) echo '{"type":"CATALOG","catalog":{"streams":[{"name":"users","supported_sync_modes":["full_refresh","incremental"],"source_defined_cursor":true,"default_cursor_field":["id"],"source_defined_primary_key":[["id"]],"json_schema":{"type":"object","properties":{"id":{"type":"integer"}}}}]}}';;
      read)
        [ "$seen" ] || for id in 1 2 3; do echo '{"type":"RECORD","record":{"stream":"users","data":{"id":'$id'},"emitted_at":1}}'; done
        echo '{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"users"},"stream_state":{"id":3}}}}'
        sleep ${PAUSE:-0};;
    esac
    """#

  static let connections = """
    connections:
      - {name: one, connector: sh source.sh}
      - {name: two, connector: sh source.sh, tags: [nightly]}
      - {name: three, connector: sh source.sh, enabled: false}
    """

  func project() throws -> TemporaryProject {
    try TemporaryProject(["connections.yml": SyncCommandTests.connections, "source.sh": SyncCommandTests.source])
  }

  @Test func aPlanTellsWhatWouldBeDoneAndMakesNoWarehouse() async throws {
    let project = try project()
    let plan = try await project.scv("sync", "--plan")
    #expect(plan.code == 0 && plan.output.contains("a new table") && plan.output.contains("append_dedup"))
    #expect(try await project.scv("rejected").output.contains("No records were put aside"))
    #expect(!FileManager.default.fileExists(atPath: project.path + "/warehouse.db"))
    _ = try await project.scv("sync")
    #expect(try await project.scv("sync", "--plan").output.contains("at its state"))
  }

  @Test func whatIsEnabledIsSyncedAndSummedUp() async throws {
    let outcome = try await project().scv("sync")
    #expect(outcome.code == 0 && outcome.output.contains("6 rows read, 6 written"))
    let summary = outcome.output.split(separator: "\n").filter { $0.hasSuffix("ok") && $0.contains("users") }
    #expect(summary.count == 2 && !outcome.output.contains("three"))
  }

  @Test func aSecondSyncMovesNothingAndSaysSo() async throws {
    let project = try project()
    #expect(try await project.scv("sync").code == 0)
    let outcome = try await project.scv("sync")
    #expect(outcome.code == 0 && outcome.output.contains("nothing new, no rows moved"))
    let again = try await project.scv("sync", "--full-refresh", "--select", "one")
    #expect(again.code == 0 && again.output.contains("3 rows read, 3 written"))
  }

  @Test func connectionsAreSelectedByNameAndTag() async throws {
    let project = try project()
    #expect(try await project.scv("sync", "--select", "three").output.contains("three: ok"))
    #expect(try await project.scv("sync", "--select", "tag:nightly").output.contains("two: ok"))
    let rest = try await project.scv("sync", "--exclude", "two").output
    #expect(rest.contains("one: ok") && !rest.contains("two: ok"))
    let wrong = try await project.scv("sync", "--select", "tow")
    #expect(wrong.code == 2 && wrong.errors.contains("did you mean 'two'?"))
  }

  @Test func withoutATerminalThereAreOnlyPlainLines() async throws {
    let outcome = try await project().scv("sync", "--select", "one")
    #expect(!outcome.text.contains("\u{1B}") && !outcome.text.contains("\r"))
    #expect(outcome.output.contains("one: reading 1 stream\n"))
    #expect(try await project().scv("sync", "--quiet").text.isEmpty)
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script")))
  func aTerminalShowsRowsAndPaceAsTheyCome() async throws {
    let project = try project()
    let command = "\(Program.folder)/scv sync --select one"
    let result = try await Subprocess.run(
      .path("/usr/bin/script"), arguments: ["-qec", command, "/dev/null"], environment: .inherit.updating(["PAUSE": "1.5", "TERM": "xterm", "NO_COLOR": "1"]),
      workingDirectory: .init(project.path), output: .string(limit: 1 << 20), error: .discarded)
    let shown = result.standardOutput
    #expect(shown.contains("3 rows") && shown.contains("rows/s") && shown.contains("B/s"))
    // Lines are drawn anew in place.
    #expect(shown.contains("\u{1B}[1A"))
  }

  @Test func aFailureSaysWhatFailedAndTheOthersGoOn() async throws {
    let project = try project()
    try project.write("broken.sh", "case $1 in discover) echo nonsense; exit 3;; esac\n")
    try project.write("connections.yml", SyncCommandTests.connections + "\n  - {name: four, connector: sh broken.sh}\n")
    let outcome = try await project.scv("sync")
    #expect(outcome.code == 1 && outcome.output.contains("one: ok") && outcome.output.contains("1 of 3 connections failed"))
    #expect(outcome.errors.contains("[connector.discover]") && outcome.errors.contains("connections.yml:5"))
  }
}
