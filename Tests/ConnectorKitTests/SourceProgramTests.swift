import AirbyteProtocol
import DataFormats
import Diagnostics
import HTTP
import Testing

@testable import ConnectorKit

@Suite struct SourceProgramTests {
  private let config: JSON = ["token": "secret-token"]

  @Test func tellsItsSpecification() throws {
    let run = try FakeRun("spec", config: config)
    guard case .spec(let spec) = try #require(run.messages.first) else { return #expect(Bool(false), "no SPEC") }
    let properties = try #require(spec.connectionSpecification["properties"])
    #expect(properties["token"]?["airbyte_secret"] == true)
    #expect(properties["mode"]?["enum"] == ["fine", "refused", "rotates"])
    #expect(spec.connectionSpecification["required"] == ["token"])
    #expect(spec.secrets(in: config) == ["secret-token"])
  }

  @Test func aCheckSucceedsOrSaysWhyNotAndBothAreAnswers() throws {
    let fine = try FakeRun("check", config: config)
    #expect(fine.code == 0)
    #expect(fine.messages == [.connectionStatus(ConnectionStatus(succeeded: true))])
    let refused = try FakeRun("check", config: ["token": "secret-token", "mode": "refused"])
    #expect(refused.code == 0)
    #expect(refused.messages == [.connectionStatus(ConnectionStatus(succeeded: false, message: "the token **** is refused. Try: get another"))])
  }

  @Test func aCheckOfABadConfigurationFailsWithEverythingThatIsWrong() throws {
    let run = try FakeRun("check", config: ["count": "many"])
    guard case .connectionStatus(let status) = try #require(run.messages.last) else { return #expect(Bool(false), "no status") }
    #expect(!status.succeeded)
    #expect(status.message?.contains("'token' is missing") == true)
    #expect(status.message?.contains("'count' must be a whole number") == true)
  }

  @Test func aMisspeltSettingIsPointedOut() throws {
    let run = try FakeRun("discover", config: ["tokn": "secret-token"])
    #expect(run.code == 1)
    guard case .trace(.error(let error), _) = try #require(run.messages.last) else { return #expect(Bool(false), "no error") }
    #expect(error.failureType == .config)
    #expect(error.message.contains("'token' is missing") && error.message.contains("'tokn' may be meant to be it"))
  }

  @Test func discoversItsStreams() throws {
    let run = try FakeRun("discover", config: config)
    guard case .catalog(let catalog) = try #require(run.messages.last) else { return #expect(Bool(false), "no catalog") }
    #expect(catalog.streams.map(\.name) == ["numbers", "broken", "empty"])
    #expect(catalog["numbers"]?.supportedSyncModes == [.fullRefresh, .incremental])
    #expect(catalog["numbers"]?.sourceDefinedPrimaryKey == [["id"]])
  }

  @Test func readsAStreamWithStatusRecordsAndStates() throws {
    let run = try FakeRun("read", config: config, catalog: FakeRun.catalog("numbers"))
    #expect(run.code == 0)
    #expect(run.records == [["id": 1], ["id": 2], ["id": 3]])
    #expect(run.states.map(\.recordCount) == [2, 1])
    #expect(run.statuses == ["numbers STARTED", "numbers RUNNING", "numbers COMPLETE"])
  }

  @Test(arguments: [
    #"[{"type":"STREAM","stream":{"stream_descriptor":{"name":"numbers"},"stream_state":{"id":2}}}]"#,
    #"[{"type":"STREAM","stream":{"stream_descriptor":{"name":"numbers","namespace":null},"stream_state":{"id":2}},"global_":null,"data":null}]"#,
    #"{"type":"STREAM","stream":{"stream_descriptor":{"name":"numbers"},"stream_state":{"id":2}}}"#,
    #"{"type":"LEGACY","data":{"numbers":{"id":2}}}"#, #"{"numbers":{"id":2}}"#,
  ])
  func goesOnFromAStateInAnyForm(state: String) throws {
    #expect(try FakeRun("read", config: config, catalog: FakeRun.catalog("numbers"), state: state).records == [["id": 3]])
  }

  @Test(arguments: [
    #"[{"type":"STREAM","stream":{"stream_descriptor":{"name":"numbers"},"stream_state":"2"}}]"#, #"{"numbers":[1]}"#, #"["numbers"]"#, "{\"numbers\":", "5",
  ])
  func aStateThatIsNoneIsTheUsersError(state: String) throws {
    let run = try FakeRun("read", config: config, catalog: FakeRun.catalog("numbers"), state: state)
    #expect(run.code == 1)
    #expect(run.records.isEmpty)
    #expect(run.errors.map(\.failureType) == [.config], "\(run.text)")
  }

  @Test(arguments: [[], 5, ["streams": 5], ["streams": [["sync_mode": "incremental"]]], ["streams": [["stream": ["name": "numbers"]]]]] as [JSON])
  func aCatalogThatIsNoneIsTheUsersError(catalog: JSON) throws {
    let run = try FakeRun("read", config: config, catalog: catalog)
    #expect(run.code == 1)
    #expect(run.errors.map(\.failureType) == [.config])
    #expect(run.errors.first?.message.contains("catalog.json") == true)
  }

  @Test(arguments: ["", " \n", "[]", "{}", "null", #"[{"type":"STREAM","stream":{"stream_descriptor":{"name":"numbers"},"stream_state":null}}]"#])
  func beginsAnewWithoutAState(state: String) throws {
    #expect(try FakeRun("read", config: config, catalog: FakeRun.catalog("numbers"), state: state).records.count == 3)
  }

  @Test func aFullRefreshIgnoresTheStateAndSendsOneAtItsEnd() throws {
    let run = try FakeRun("read", config: config, catalog: FakeRun.catalog("numbers", mode: "full_refresh"), state: #"{"numbers":{"id":2}}"#)
    #expect(run.records.count == 3)
    #expect(run.states.map(\.recordCount) == [3])
  }

  @Test func aStreamWithoutRecordsSendsAState() throws {
    let run = try FakeRun("read", config: config, catalog: FakeRun.catalog("empty"))
    #expect(run.states.count == 1)
    #expect(run.statuses == ["empty STARTED", "empty COMPLETE"])
  }

  @Test func aStreamThatFailsDoesNotStopTheOthers() throws {
    let run = try FakeRun("read", config: config, catalog: FakeRun.catalog("broken", "numbers"))
    #expect(run.code == 1)
    #expect(run.statuses.contains("broken INCOMPLETE"))
    #expect(run.statuses.last == "numbers COMPLETE")
    #expect(run.errors.map(\.stream?.name) == ["broken"])
    #expect(run.errors.map(\.failureType) == [.system])
  }

  @Test func aStreamThatDoesNotExistIsTheUsersError() throws {
    let run = try FakeRun("read", config: config, catalog: FakeRun.catalog("number", "numbers"))
    #expect(run.code == 1)
    #expect(run.errors.first?.failureType == .config)
    #expect(run.errors.first?.message.contains("did you mean 'numbers'?") == true)
    #expect(run.records.count == 3)
  }

  @Test func secretsStandInNoMessage() throws {
    let run = try FakeRun("read", config: config, catalog: FakeRun.catalog("broken", "numbers"))
    #expect(run.text.contains("token is ****"))
    #expect(!run.text.contains("secret-token"))
  }

  @Test func aReplacedSettingIsPassedOnWithTheWholeConfiguration() throws {
    let run = try FakeRun("read", config: ["token": "secret-token", "mode": "rotates"], catalog: FakeRun.catalog("numbers"))
    let control = run.messages.compactMap { if case .control(let config, _) = $0 { config } else { nil } }
    #expect(control == [["token": "rotated-token", "mode": "rotates"]])
  }

  @Test func settingsThatDoNotExistAreWarnedOf() throws {
    let run = try FakeRun("check", config: ["token": "secret-token", "cuont": 4, "__injected": 1, "since": nil])
    #expect(run.text.contains("'cuont' is not a setting of this connector; did you mean 'count'?"))
    #expect(!run.text.contains("__injected"))
    #expect(run.text.contains("SUCCEEDED"))
  }

  @Test(
    arguments: [
      (["token": "t", "mode": "fin"], "none of fine, refused, rotates"), (["token": "t", "count": 1_001], "not from 0 to 1000"),
      (["token": "t", "since": "yesterday"], "no date"), (["token": "t", "base_url": "example.com"], "not an http or https URL"),
      (["token": "t", "nested": [:]], "'nested.flag' is missing"), (["token": "t", "names": ["a", 1]], "'names[1]' must be a string"),
      (["token": ""], "'token' is empty"), ([], "not a JSON object"),
    ] as [(JSON, String)])
  func refusesABadSetting(config: JSON, words: String) throws {
    #expect(try FakeRun("check", config: config).text.contains(words))
  }

  @Test func wrongUseEndsWithCode2() {
    for arguments in [["raed"], ["read"], ["check", "--config"], ["check", "config.json"], ["check", "--confg", "c.json"]] {
      #expect(SourceProgram.run(FakeSource.self, arguments: arguments, writer: MessageWriter { _ in }, client: { HTTPClient(retry: $0) }) == 2)
    }
  }

  @Test func itEndsWithoutAWordWhenNobodyListens() throws {
    let folder = try TemporaryFolder()
    let arguments = [
      "read", "--config", try folder.write("c.json", config.text()), "--catalog", try folder.write("k.json", FakeRun.catalog("numbers").text()),
    ]
    let writer = MessageWriter { _ in throw BrokenPipe() }
    #expect(SourceProgram.run(FakeSource.self, arguments: arguments, writer: writer, client: { HTTPClient(retry: $0) }) == 141)
  }

  @Test func aConfigurationThatIsNoJSONIsNamedButNotShown() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("c.json", "{\"token\": \"secret-token\",\n oops}")
    var text = ""
    let writer = MessageWriter { text += String(decoding: $0, as: UTF8.self) }
    #expect(SourceProgram.run(FakeSource.self, arguments: ["check", "--config", path], writer: writer, client: { HTTPClient(retry: $0) }) == 0)
    #expect(text.contains("c.json:2"))
    #expect(!text.contains("secret-token"))
  }
}
