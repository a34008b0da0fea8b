import DataFormats
import Diagnostics

/// What a connector wants to be told: `ConnectorSpecification`, the answer to `spec`.
public struct Specification: Sendable, Hashable {
  /// The JSON schema (draft 7) of the configuration; secrets are marked by `"airbyte_secret": true`.
  public var connectionSpecification: JSON
  /// Where the connector is documented.
  public var documentationURL: String?
  /// Where its changes are listed.
  public var changelogURL: String?
  /// The version of the protocol that it speaks.
  public var protocolVersion: String?
  /// The destination sync modes, of a destination.
  public var supportedDestinationSyncModes: [DestinationSyncMode]
  /// The whole answer, with the members that are not read here.
  public var members: JSON

  /// A specification; see the properties for the parameters.
  public init(
    connectionSpecification: JSON, documentationURL: String? = nil, changelogURL: String? = nil, protocolVersion: String? = nil,
    supportedDestinationSyncModes: [DestinationSyncMode] = []
  ) {
    self.connectionSpecification = connectionSpecification
    self.documentationURL = documentationURL
    self.changelogURL = changelogURL
    self.protocolVersion = protocolVersion
    self.supportedDestinationSyncModes = supportedDestinationSyncModes
    members = [:]
  }

  /// Reads the member `spec` of a message.
  ///
  /// - Throws: `Diagnostic` (`protocol.missing-member`, `protocol.wrong-type`).
  public init(json: JSON) throws {
    self.init(
      connectionSpecification: try json.object("connectionSpecification", of: "a specification"),
      documentationURL: json.member("documentationUrl")?.string, changelogURL: json.member("changelogUrl")?.string,
      protocolVersion: json.member("protocol_version")?.string,
      supportedDestinationSyncModes: json.texts("supported_destination_sync_modes").compactMap(DestinationSyncMode.init(name:)))
    members = json
  }

  /// The member `spec` of a message.
  public var json: JSON {
    var object = members.object ?? [:]
    object["documentationUrl"] = documentationURL.map { .string($0) }
    object["changelogUrl"] = changelogURL.map { .string($0) }
    object["connectionSpecification"] = connectionSpecification
    object["protocol_version"] = protocolVersion.map { .string($0) }
    if !supportedDestinationSyncModes.isEmpty {
      object["supported_destination_sync_modes"] = .array(supportedDestinationSyncModes.map { .string($0.rawValue) })
    }
    return .object(object)
  }

  /// The values in `config` that the specification marks as secret, as texts.
  ///
  /// Everything below a marked property counts. Alternatives (`oneOf`, `anyOf`, `allOf`) are all followed, whichever of them the
  /// configuration chose: hiding too much is the smaller evil.
  public func secrets(in config: JSON) -> [String] {
    var found: [String] = []
    Specification.collect(connectionSpecification, config, depth: 0, &found)
    return found
  }

  private static func collect(_ schema: JSON, _ value: JSON, depth: Int, _ found: inout [String]) {
    guard depth < 64 else { return }
    if schema.member("airbyte_secret")?.bool == true { return scalars(value, &found) }
    for (name, property) in schema.member("properties")?.object ?? [:] {
      if let inner = value.member(name) { collect(property, inner, depth: depth + 1, &found) }
    }
    for keyword in ["oneOf", "anyOf", "allOf"] {
      for alternative in schema.member(keyword)?.array ?? [] { collect(alternative, value, depth: depth + 1, &found) }
    }
    if let items = schema.member("items") {
      for element in value.array ?? [] { collect(items, element, depth: depth + 1, &found) }
    }
    if let more = schema.member("additionalProperties"), more.object != nil {
      for (_, inner) in value.object ?? [:] { collect(more, inner, depth: depth + 1, &found) }
    }
  }

  private static func scalars(_ value: JSON, _ found: inout [String]) {
    switch value {
    case .null, .bool: return
    case .string(let text): found.append(text)
    case .int, .double, .number: found.append(value.text())
    case .array(let elements): for element in elements { scalars(element, &found) }
    case .object(let members): for inner in members.values { scalars(inner, &found) }
    }
  }
}
