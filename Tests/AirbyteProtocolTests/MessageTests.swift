import AirbyteProtocol
import DataFormats
import Diagnostics
import Testing

@Suite struct MessageTests {
  @Test func anExplicitNullMeansTheSameAsAnAbsentMember() throws {
    let bare = try Message(line: #"{"type":"RECORD","record":{"stream":"a","data":{"x":null},"emitted_at":5}}"#.utf8)
    let padded = try Message(
      line: #"{"spec":null,"type":"RECORD","state":null,"record":{"namespace":null,"stream":"a","meta":null,"data":{"x":null},"emitted_at":5}}"#.utf8)
    #expect(bare == padded)
    #expect(bare == .record(RecordMessage(stream: "a", data: ["x": nil], emittedAt: 5)))
  }

  @Test(arguments: ["this is not JSON", "", "[1,2]", "null", #"{"foo":1}"#, #"{"type":"NOVELTY","novelty":{}}"#, #"{"type":"RECORD""#])
  func aLineThatIsNoMessageIsSkipped(line: String) throws {
    #expect(try Message(line: line.utf8) == nil)
  }

  @Test(arguments: [
    #"{"type":"RECORD"}"#, #"{"type":"RECORD","record":{"data":{}}}"#, #"{"type":"RECORD","record":{"stream":"a","data":[]}}"#,
    #"{"type":"STATE","state":{"type":"STREAM"}}"#, #"{"type":"STATE","state":{"type":"GLOBAL"}}"#, #"{"type":"STATE","state":{"type":"X"}}"#,
    #"{"type":"LOG","log":{"level":"INFO"}}"#, #"{"type":"CATALOG","catalog":{}}"#, #"{"type":"SPEC","spec":{}}"#,
    #"{"type":"CONTROL","control":{"type":"CONNECTOR_CONFIG"}}"#, #"{"type":"TRACE","trace":{"type":"STREAM_STATUS"}}"#,
  ])
  func aMessageOutOfShapeIsAnError(line: String) {
    #expect(throws: Diagnostic.self) { try Message(line: line.utf8) }
  }

  static let messages: [Message] = [
    .record(RecordMessage(stream: "a \"b\"", namespace: "n", data: ["x": [1, 2.5, nil], "big": .number("12345678901234567890")], emittedAt: 1)),
    .record(RecordMessage(stream: "a", data: [:], emittedAt: 1, changes: [RecordChange(field: "x", change: "NULLED", reason: "SOURCE_RETRIEVAL_ERROR")])),
    .state(StateMessage(stream: "a", namespace: "n", state: ["cursor": "2024"], recordCount: 3)),
    .state(StateMessage(.global(shared: ["x": 1], streams: [StreamState(StreamDescriptor(name: "a"), state: nil)]))),
    .state(StateMessage(.legacy(["bookmarks": [:]]))), .log(LogMessage(.warn, "careful", stackTrace: "line 1")),
    .trace(.error(.init(message: "m", internalMessage: "i", stackTrace: "s", failureType: .config, stream: .init(name: "a"))), emittedAt: 2),
    .trace(.estimate(.init(stream: .init(name: "a"), rows: 10, bytes: 20)), emittedAt: 2),
    .trace(.streamStatus(.init(stream: .init(name: "a"), status: .running, quotaReset: 7)), emittedAt: 2),
    .trace(.analytics(type: "t", value: "v"), emittedAt: 2), .control(config: ["token": "new"], emittedAt: 3),
    .connectionStatus(ConnectionStatus(succeeded: false, message: "no")),
    .catalog(
      Catalog(streams: [
        CatalogStream(
          name: "a", namespace: "n", jsonSchema: ["type": "object"], supportedSyncModes: [.fullRefresh, .incremental], sourceDefinedCursor: true,
          defaultCursorField: ["u"], sourceDefinedPrimaryKey: [["id"], ["x", "y"]], isResumable: true)
      ])),
  ]

  @Test(arguments: messages) func everyMessageIsReadAsItWasWritten(message: Message) throws {
    var line: [UInt8] = []
    message.writeLine(to: &line)
    #expect(line.filter { $0 == UInt8(ascii: "\n") }.count == 1 && line.last == UInt8(ascii: "\n"))
    #expect(try Message(line: line) == message)
  }

  @Test func aSpecificationKeepsWhatItDoesNotKnow() throws {
    let json: JSON = ["connectionSpecification": ["type": "object"], "advanced_auth": ["x": 1], "supported_destination_sync_modes": ["append"]]
    let spec = try Specification(json: json)
    #expect(spec.json["advanced_auth"] == ["x": 1])
    #expect(spec.supportedDestinationSyncModes == [.append])
  }

  @Test func secretsAreFoundWhereverTheSpecificationHidesThem() throws {
    let spec = try Specification(json: [
      "connectionSpecification": [
        "properties": [
          "key": ["airbyte_secret": true], "plain": ["type": "string"],
          "auth": [
            "oneOf": [["properties": ["token": ["airbyte_secret": true], "kind": ["const": "x"]]], ["properties": ["password": ["airbyte_secret": true]]]]
          ],
          "list": ["type": "array", "items": ["properties": ["pin": ["airbyte_secret": true, "type": "integer"]]]],
          "whole": ["airbyte_secret": true, "type": "object"],
        ]
      ]
    ])
    let config: JSON = [
      "key": "k-1", "plain": "p", "auth": ["token": "t-1", "kind": "x", "password": "w-1"], "list": [["pin": 1234], ["pin": nil]],
      "whole": ["a": ["b": "deep"], "n": true],
    ]
    #expect(spec.secrets(in: config).sorted() == ["1234", "deep", "k-1", "t-1", "w-1"])
  }

  @Test func aStateFileMayBeAListOneStateOrALegacyBlob() throws {
    let one: JSON = ["type": "STREAM", "stream": ["stream_descriptor": ["name": "a"], "stream_state": ["n": 1]], "global_": nil, "data": nil]
    for file: JSON in [one, [one], ["a": ["n": 1]], ["data": ["a": ["n": 1]]]] {
      #expect(StateMessage.state(of: "a", in: try StateMessage.list(fromFile: file)) == ["n": 1])
    }
    #expect(try StateMessage.list(fromFile: []).isEmpty)
    #expect(try StateMessage.list(fromFile: [:]).isEmpty)
  }

  @Test func aConfiguredCatalogIsReadAsItWasWritten() throws {
    let stream = CatalogStream(name: "a", jsonSchema: [:])
    let catalog = ConfiguredCatalog(streams: [
      ConfiguredStream(
        stream: stream, syncMode: .incremental, destinationSyncMode: .appendDedup, cursorField: ["u"], primaryKey: [["id"]], generationID: 2,
        minimumGenerationID: 0, syncID: 9), ConfiguredStream(stream: stream, syncMode: .fullRefresh, destinationSyncMode: .overwrite),
    ])
    #expect(try ConfiguredCatalog(json: catalog.json) == catalog)
  }

  @Test func overwriteDedupIsAnotherNameOfOneRowAKey() throws {
    let json: JSON = ["stream": ["name": "a", "json_schema": [:]], "sync_mode": "full_refresh", "destination_sync_mode": "overwrite_dedup"]
    #expect(try ConfiguredStream(json: json).destinationSyncMode == .appendDedup)
  }

  @Test func randomDamageNeverCrashesTheReader() throws {
    var generator = SystemRandomNumberGenerator()
    for message in MessageTests.messages {
      var line: [UInt8] = []
      message.writeLine(to: &line)
      for _ in 0..<200 {
        var damaged = line
        for _ in 0..<3 { damaged[Int.random(in: 0..<damaged.count, using: &generator)] = Array("\"{}[]:,0an ".utf8).randomElement(using: &generator) ?? 0 }
        if let read = try? Message(line: damaged) {
          var again: [UInt8] = []
          read.writeLine(to: &again)
          #expect(try Message(line: again) == read)
        }
      }
    }
  }
}
