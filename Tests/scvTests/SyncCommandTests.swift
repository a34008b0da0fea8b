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

  /// A source that sends a thousand rows and a state, again and again, and goes on at its state.
  static let large = #"""
    while [ $# -gt 0 ]; do
      case $1 in
        spec|discover|read) verb=$1;;
        --state) first=$(sed 's/.*"n":\([0-9]*\).*/\1/' "$2"); shift;;
        --config|--catalog) shift;;
      esac
      shift
    done
    case $verb in
      spec) echo '{"type":"SPEC","spec":{"connectionSpecification":{"type":"object","required":["api_key"],"properties":{"api_key":{"type":"string"}}}}}';;
      discover)
        [ -e sick ] && { echo '{"type":"TRACE","trace":{"type":"ERROR","emitted_at":1,"error":{"message":"not now","failure_type":"'$(cat sick)'"}}}'; exit 1; }
        echo '{"type":"CATALOG","catalog":{"streams":[{"name":"users","supported_sync_modes":["full_refresh","incremental"],"source_defined_cursor":true,"default_cursor_field":["id"],"source_defined_primary_key":[["id"]],"json_schema":{"type":"object","properties":{"id":{"type":"integer"},"text":{"type":"string"}}}}]}}';;
      read)
        n=${first:-0}
        while [ $n -lt 20000 ]; do
          awk -v n=$n 'BEGIN { for (i = n; i < n + 1000; i++) printf "{\"type\":\"RECORD\",\"record\":{\"stream\":\"users\",\"data\":{\"id\":%d,\"text\":\"%0200d\"},\"emitted_at\":1}}\n", i, i }'
          n=$((n + 1000))
          echo '{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"users"},"stream_state":{"n":'$n'}}}}'
          sleep 0.05
        done;;
    esac
    """#

  @Test func aSyncThatTheDiskEndsSaysWhatIsKeptAndTheNextOneGoesOn() async throws {
    let project = try TemporaryProject([
      "connections.yml": "connections:\n  - {name: one, connector: sh source.sh, config: {api_key: k}, streams: {users: {destination_sync_mode: append}}}\n",
      "source.sh": SyncCommandTests.large,
    ])
    // No file may grow beyond two megabytes: as if the disk were full.
    let full = try await Program.bash("trap '' XFSZ; ulimit -f 2048; scv sync; echo exit $?", in: project.path)
    #expect(full.output.contains("exit 1") && full.output.contains("one: FAILED") && !full.output.contains("nothing new"))
    #expect(full.errors.components(separatedBy: "Database Error [warehouse.").count == 2)
    let kept = full.errors.split(separator: "\n").first { $0.hasPrefix("Kept of one.users: ") }.map(String.init) ?? ""
    let rows = try #require(Int(kept.dropFirst("Kept of one.users: ".count).prefix { $0.isNumber || $0 == "," }.filter(\.isNumber)))
    #expect(kept.hasSuffix("rows; the next sync goes on at the last checkpoint.") && rows > 0 && rows % 1_000 == 0)
    let next = try await project.scv("sync")
    #expect(
      next.code == 0
        && Int(next.output.split(separator: "\n").last?.split(separator: " ").first { $0.contains(",000") }?.filter(\.isNumber) ?? "") == 20_000 - rows)
  }

  @Test func whatPassesIsTriedAgainAndTheConfigurationIsPointedAt() async throws {
    let project = try TemporaryProject([
      "connections.yml": "connections:\n  - name: one\n    connector: sh source.sh\n    retry: {attempts: 2, wait: 0}\n    config:\n      apikey: k\n",
      "source.sh": SyncCommandTests.large, "sick": "transient_error",
    ])
    let passing = try await project.scv("sync")
    #expect(passing.code == 1 && passing.output.contains("[connector.transient-error]; the next attempt begins") && passing.output.contains("2 attempts"))
    #expect(!(try await project.scv("sync", "--attempts", "1")).output.contains("next attempt"))
    #expect(passing.errors.contains("Kept of one: all that was there before; nothing was read."))
    try project.write("sick", "config_error")
    let wrong = try await project.scv("sync")
    #expect(wrong.code == 1 && wrong.errors.contains("[connector.config-error]") && wrong.errors.contains("--> connections.yml:5:5 (connection one)"))
    #expect(wrong.errors.contains("'api_key' is missing ('apikey' means nothing there)"))
    let asked = try await project.scv("connectors", "discover", "one")
    #expect(asked.code == 1 && asked.errors.contains("connections.yml:5:5"))
    #expect(try await project.scv("sync", "--attempts", "0").code == 2)
  }

  @Test func anInterruptedSyncIsNoSuccessEvenIfTheSourceEndsInOrder() async throws {
    let source = """
      case $1 in
        discover) echo '{"type":"CATALOG","catalog":{"streams":[{"name":"users","supported_sync_modes":["full_refresh"],"json_schema":{"type":"object","properties":{"id":{"type":"integer"}}}}]}}';;
        read)
          trap 'exit 0' TERM
          echo '{"type":"RECORD","record":{"stream":"users","data":{"id":1},"emitted_at":1}}'
          [ -e slow ] && { : > reading; while :; do sleep 0.05; done; }
          echo '{"type":"RECORD","record":{"stream":"users","data":{"id":2},"emitted_at":1}}';;
      esac
      """
    let project = try TemporaryProject(["connections.yml": "connections: [{name: one, connector: sh source.sh}]\n", "source.sh": source])
    #expect(try await project.scv("sync").output.contains("2 rows read, 2 written"))
    try project.write("slow", "yes")
    let outcome = try await Program.bash(
      "scv sync & pid=$!; while [ ! -e reading ]; do sleep 0.05; done; kill -TERM $pid; wait $pid; echo exit $?", in: project.path)
    #expect(outcome.output.contains("exit 1") && outcome.errors.contains("[sync.interrupted]") && outcome.errors.contains("connections.yml:1"))
    #expect(outcome.errors.contains("Nothing new of one.users: what was there before stays"))
    let rows = try await project.scv("show", "--inline", "select count(*) as rows_there from one__users")
    #expect(rows.output.contains("2"))
  }
}
