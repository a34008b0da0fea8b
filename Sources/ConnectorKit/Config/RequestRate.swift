import HTTP

extension ConfigField {
  /// The setting that limits a source's requests: every source that talks to an API has it.
  public static let requestRate = ConfigField(
    "requests_per_second", .number, title: "Requests per second",
    "How many requests a second the connector sends at most. Not set, it sends as fast as the system answers, and waits when the system asks for it.",
    examples: [10])
}

extension SourceSession {
  /// Limits the requests to what the setting `requests_per_second` says.
  public func limitRequests(_ config: Config) {
    client.limit(to: config.double("requests_per_second").map { RateLimit(perSecond: $0, burst: max(1, $0)) })
  }
}
