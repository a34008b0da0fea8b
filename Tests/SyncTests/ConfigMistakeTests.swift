import AirbyteProtocol
import DataFormats
import Diagnostics
import Testing

@testable import Sync

/// Mistakes in a connector's configuration, and where they stand.
@Suite struct ConfigMistakeTests {
  static let schema: JSON = [
    "type": "object", "required": ["api_key", "credentials"],
    "properties": [
      "api_key": ["type": "string", "airbyte_secret": true], "account": ["type": "string"], "limit": ["type": ["integer", "null"]],
      "region": ["type": "string", "enum": ["eu", "us"]],
      "pages": ["type": "array", "items": ["type": "object", "required": ["url"], "properties": ["url": ["type": "string"]]]],
      "credentials": [
        "oneOf": [
          ["type": "object", "required": ["kind", "token"], "properties": ["kind": ["const": "token"], "token": ["type": "string"]]],
          [
            "type": "object", "required": ["kind", "user"], "properties": ["kind": ["const": "basic"], "user": ["type": "string"], "age": ["type": "integer"]],
          ],
        ]
      ],
    ],
  ]

  @Test(arguments: [
    (#"{"api_key": "k", "credentials": {"kind": "token", "token": "t"}, "limit": 5, "region": "eu", "pages": [{"url": "u"}]}"#, []),
    (#"{"credentials": {"kind": "token", "token": "t"}}"#, ["'api_key' is missing"]),
    (#"{"apikey": "k", "credentials": {"kind": "token", "token": "t"}}"#, ["'api_key' is missing ('apikey' means nothing there)"]),
    (#"{"api_key": null, "credentials": {"kind": "token", "token": "t"}}"#, ["'api_key' is empty and should be string"]),
    (
      #"{"api_key": "k", "account": 12, "limit": "5", "credentials": {"kind": "token", "token": "t"}}"#,
      ["'account' is a number and should be string: put it in quotes", "'limit' is a string and should be integer or null"]
    ),
    (#"{"api_key": "k", "region": "asia", "credentials": {"kind": "token", "token": "t"}}"#, ["'region' should be eu or us"]),
    (#"{"api_key": "k", "pages": [{"url": "u"}, {}], "credentials": {"kind": "token", "token": "t"}}"#, ["'url' is missing in 'pages.1'"]),
    (
      #"{"api_key": "k", "credentials": {"kind": "basic", "age": "x"}}"#,
      ["'user' is missing in 'credentials'", "'credentials.age' is a string and should be integer"]
    ),
    (#"{"api_key": "k", "credentials": {"kind": "oauth"}}"#, ["'credentials.kind' should be token or basic"]),
    (#"{"api_key": "k", "credentials": {}}"#, ["'kind' is missing in 'credentials'"]), ("[]", ["`config` is a list and should be object"]),
  ])
  func mistakesAreToldByTheirPlaceAndWithoutAnyValue(config: String, messages: [String]) throws {
    #expect(ConfigMistake.all(in: try JSON.parse(config), against: ConfigMistakeTests.schema).map(\.message) == messages)
  }

  @Test func schemasThatRefuseNothingOrMakeNoSenseFindNoMistakes() throws {
    for schema in ["true", "{}", #"{"type": "novelty"}"#, #"{"required": 5, "properties": [], "oneOf": {}, "items": [{}]}"#, #"{"oneOf": []}"#, "null"] {
      #expect(ConfigMistake.all(in: ["a": [1]], against: try JSON.parse(schema)).isEmpty)
    }
  }

  private static let file = """
    connections:
      - name: toy
        connector: ./source
        retry: false
        config:
          account: 12
          credentials:
            kind: basic
            "user": {}
      - {name: bare, connector: ./source, retry: false}
    """

  private func failure(_ connection: Int, _ error: TraceMessage.SourceError?, whileReading: Bool = false, spec: JSON? = ConfigMistakeTests.schema) throws
    -> Diagnostic?
  {
    let bench = try Bench()
    let connections = try ConnectionsFile(text: ConfigMistakeTests.file, file: "connections.yml", projectFolder: bench.folder).connections
    if let spec { try bench.write("spec.jsonl", Message.spec(Specification(connectionSpecification: spec)).json.text()) }
    try bench.offer()
    let line = error.map { Message.trace(.error($0), emittedAt: 1).json.text() } ?? ""
    try bench.say(whileReading ? [line] : [], exit: 1)
    if !whileReading {
      try bench.write("catalog.jsonl", line)
      try bench.write("discover-exit.txt", "1")
    }
    return bench.sync(connections[connection]).failures.first
  }

  @Test func anErrorOfTheConfigurationStandsAtTheMemberThatIsWrong() throws {
    let config = TraceMessage.SourceError(message: "Config validation error", failureType: .config)
    for whileReading in [false, true] {
      let missing = try failure(0, config, whileReading: whileReading)
      #expect(missing?.code == "connector.config-error" && missing?.location?.line == 5 && missing?.location?.file == "connections.yml")
      #expect(missing?.hint?.contains("'api_key' is missing") == true && missing?.hint?.contains("'account' is a number") == true)
    }
    // What the source refuses without saying why may have the same reason.
    #expect(try failure(0, nil)?.location?.line == 5)
    #expect(try failure(1, config)?.location?.line == 10)
    let inner: JSON = ["properties": ["credentials": ["properties": ["user": ["type": "string"]]]]]
    #expect(try failure(0, config, spec: inner)?.location?.line == 9)
    #expect(try failure(0, .init(message: "try later", failureType: .transient))?.location?.line == 2)
  }

  @Test func aMemberThatTheConnectorNamesIsThePlace() throws {
    let named = TraceMessage.SourceError(message: "the value of `kind` is not known", failureType: .config)
    #expect(try failure(0, named, whileReading: true, spec: nil)?.location?.line == 8)
    let unnamed = TraceMessage.SourceError(message: "401", failureType: .config)
    #expect(try failure(0, unnamed, whileReading: true, spec: nil)?.location?.line == 5)
  }
}
