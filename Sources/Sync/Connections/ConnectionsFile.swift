import AirbyteProtocol
import DataFormats
import Diagnostics
import FoundationEssentials
import OrderedCollections

/// `connections.yml`: what `scv sync` moves.
///
///     connections:
///       - name: stripe
///         connector: source-stripe          # a program: a path, beside scv, on PATH; or pip:PACKAGE; arguments may follow
///         protocol: airbyte                 # or singer; airbyte if left out
///         schema: stripe                    # where the tables go; the name if left out
///         config:
///           client_secret: "{{ env_var('STRIPE_KEY') }}"
///         streams:                          # '*', a list of names, or wishes by name, '*' being all others
///           charges:
///             sync_mode: incremental
///             destination_sync_mode: append_dedup
///             cursor_field: created
///             primary_key: id
///
/// A stream whose name several namespaces have may be named as `namespace.name`. JSON is YAML, too. Every text may be a template
/// (see `ConfigTemplate`). `enabled: false` takes a connection out unless it is asked for by name, `schema_changes` says what becomes
/// of changes in the source (see `SchemaPolicy`), `limits` when records that are put aside are too many (see `RejectionLimits`),
/// `retry` when a sync that failed is tried again (see `RetryPolicy`), `tags` are words to select it by, and `catalog_flag` is the flag
/// by which an old Singer tap is given its catalog (`--properties`).
///
/// Secrets may stand in the profiles file instead: its top-level member `secrets` is what `{{ secret('stripe.key') }}` reads, and
/// the members of `credentials.NAME` become part of the configuration of the connection NAME.
public struct ConnectionsFile: Sendable {
  /// The connections, in the order of the file.
  public var connections: [Connection]
  /// What was wrong without being an error.
  public var warnings: [Diagnostic]

  private static let members = [
    "name", "connector", "protocol", "config", "schema", "streams", "enabled", "tags", "catalog_flag", "schema_changes", "limits", "retry", "description",
    "meta",
  ]
  private static let limitMembers = ["rejected", "rejected_share"]
  private static let retryMembers = ["attempts", "wait", "after"]
  private static let streamMembers = ["sync_mode", "destination_sync_mode", "cursor_field", "primary_key", "enabled", "description", "meta"]

  /// Reads the file `connections.yml` (or `connections.yaml`, `connections.json`) of a project.
  ///
  /// - Parameters:
  ///   - projectFolder: the project's folder.
  ///   - profiles: the whole profiles file as a value, for `secrets` and `credentials`; null if there is none.
  ///   - environment: the environment variables.
  /// - Throws: `Diagnostics`, all mistakes at once: `sync.no-connections`, `yaml.malformed`, `connections.invalid`,
  ///   `connections.unknown-key`, `connector.not-found`, `template.missing-variable` and the like.
  public init(projectFolder: String, profiles: JSON = .null, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    let names = ["connections.yml", "connections.yaml", "connections.json"]
    guard let name = names.first(where: { FileManager.default.fileExists(atPath: projectFolder + "/" + $0) }) else {
      throw Diagnostic(
        .configuration, "sync.no-connections", "there is no connections.yml in the project", at: SourceLocation(file: projectFolder),
        hint: "write one: a list `connections:` of name, connector and config")
    }
    guard let bytes = FileManager.default.contents(atPath: projectFolder + "/" + name) else {
      throw Diagnostic(.configuration, "sync.no-connections", "the file cannot be read", at: SourceLocation(file: name))
    }
    try self.init(text: String(decoding: bytes, as: UTF8.self), file: name, projectFolder: projectFolder, profiles: profiles, environment: environment)
  }

  /// Reads the text of such a file.
  ///
  /// - Throws: as the other.
  public init(text: String, file: String, projectFolder: String, profiles: JSON = .null, environment: [String: String] = [:]) throws {
    do {
      let document = try YAMLDocument(parsing: text, file: file)
      var reading = Reading(document: document, projectFolder: projectFolder, profiles: profiles, environment: environment)
      connections = try reading.connections()
      guard reading.errors.isEmpty else { throw Diagnostics(reading.errors) }
      warnings = (document.warnings + reading.warnings).map(ConnectionsFile.masked)
    } catch let error as Diagnostic {
      throw ConnectionsFile.masked(error)
    } catch let errors as Diagnostics {
      throw Diagnostics(errors.all.map(ConnectionsFile.masked), omitted: errors.omitted)
    }
  }

  /// One pass over the file; mistakes are collected, so that all are told at once.
  private struct Reading {
    let document: YAMLDocument
    let projectFolder: String
    let profiles: JSON
    let environment: [String: String]
    var errors: [Diagnostic] = []
    var warnings: [Diagnostic] = []

    mutating func connections() throws -> [Connection] {
      guard let list = document.value["connections"] else {
        throw document.diagnostic(
          .configuration, "connections.invalid", "the file has no list `connections`", at: [],
          hint: Suggestion.nearest(to: "connections", among: document.value.object?.keys.elements ?? []).first.map { "it has '\($0)': write 'connections'" })
      }
      guard let entries = list.array else {
        throw document.diagnostic(
          .configuration, "connections.invalid", "`connections` is not a list", at: ["connections"], hint: "begin each connection with `- name:`")
      }
      var names: Set<String> = []
      return entries.indices.compactMap { index in
        do {
          let connection = try self.connection(entries[index], ["connections", .index(index)])
          if !names.insert(connection.name).inserted {
            throw problem("there are two connections of the name '\(connection.name)'", ["connections", .index(index), "name"])
          }
          return connection
        } catch let error as Diagnostic {
          errors.append(error)
        } catch {
          errors.append(Diagnostic(.configuration, "connections.invalid", "\(error)"))
        }
        return nil
      }
    }

    private func problem(_ message: String, _ path: [YAMLDocument.Step], hint: String? = nil) -> Diagnostic {
      document.diagnostic(.configuration, "connections.invalid", message, at: path, hint: hint)
    }

    private mutating func checkMembers(_ value: JSON, _ known: [String], _ path: [YAMLDocument.Step]) {
      for key in value.object?.keys.elements ?? [] where !known.contains(key) {
        warnings.append(
          document.diagnostic(
            .configuration, "connections.unknown-key", "'\(key)' means nothing here", at: path + [.key(key)], onKey: true,
            hint: Suggestion.didYouMean(key, among: known), severity: .warning))
      }
    }

    private mutating func connection(_ entry: JSON, _ path: [YAMLDocument.Step]) throws -> Connection {
      guard entry.object != nil else { throw problem("a connection is not a mapping of name, connector and config", path) }
      checkMembers(entry, ConnectionsFile.members, path)
      guard let name = entry["name"]?.string, !name.isEmpty else { throw problem("a connection has no name", path, hint: "add `name: stripe`") }
      let template = ConfigTemplate(secrets: profiles["secrets"] ?? .null, environment: environment)
      let reading = self
      let render = { (value: JSON, inner: [YAMLDocument.Step]) throws -> JSON in
        try template.render(value) { error, place in reading.located(error, path + inner + place.map { $0 }) }
      }
      let command = try command(entry, name, path, render)
      let dialectName = entry["protocol"]?.string ?? Connection.Dialect.airbyte.rawValue
      guard let dialect = Connection.Dialect(rawValue: dialectName) else {
        throw problem("'\(dialectName)' is not a protocol", path + ["protocol"], hint: "airbyte or singer")
      }
      var config = try render(entry["config"] ?? [:], ["config"])
      if config.isNull { config = [:] }
      guard config.object != nil else { throw problem("`config` of '\(name)' is not a mapping", path + ["config"]) }
      let credentials = try render(profiles["credentials"]?[name] ?? [:], [])
      for (key, value) in credentials.object ?? [:] { config[key] = value }
      var connection = Connection(name: name, command: command, dialect: dialect, config: config)
      connection.secrets = template.revealed + ConnectionsFile.texts(credentials)
      if let schema = entry["schema"] {
        guard let text = try render(schema, ["schema"]).string, !text.isEmpty else { throw problem("`schema` of '\(name)' is not a name", path + ["schema"]) }
        connection.schema = text
      }
      connection.streams = try streams(entry["streams"], path + ["streams"])
      connection.otherStreams = connection.streams?.last { $0.name == "*" }
      connection.streams?.removeAll { $0.name == "*" }
      connection.isEnabled = entry["enabled"]?.bool ?? true
      connection.tags = entry["tags"]?.string.map { [$0] } ?? entry["tags"]?.array?.compactMap(\.string) ?? []
      connection.catalogFlag = entry["catalog_flag"]?.string ?? connection.catalogFlag
      if let policy = entry["schema_changes"] {
        guard let known = policy.string.flatMap(SchemaPolicy.init(rawValue:)) else {
          throw problem(
            "'\(policy.string ?? policy.text())' does not say what becomes of schema changes", path + ["schema_changes"],
            hint: "choose one of: \(SchemaPolicy.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        connection.schemaPolicy = known
      }
      connection.limits = try limits(entry["limits"], path + ["limits"])
      connection.retry = try retry(entry["retry"], path + ["retry"])
      connection.places = ConfigPlaces(document, path)
      connection.location = document.location(of: path)
      connection.location?.subject = "connection \(name)"
      return connection
    }

    private mutating func limits(_ value: JSON?, _ path: [YAMLDocument.Step]) throws -> RejectionLimits {
      var limits = RejectionLimits()
      guard let value, !value.isNull else { return limits }
      guard value.object != nil else { throw problem("`limits` is not a mapping", path, hint: "for example {rejected: 100, rejected_share: 0.01}") }
      checkMembers(value, ConnectionsFile.limitMembers, path)
      if let rejected = value["rejected"] {
        guard let number = rejected.int, number >= 0 else { throw problem("`rejected` is not a number of records", path + ["rejected"]) }
        limits.rejected = Int(number)
      }
      if let share = value["rejected_share"] {
        guard let number = share.double, (0...1).contains(number) else {
          throw problem("`rejected_share` is not a share between 0 and 1", path + ["rejected_share"])
        }
        limits.rejectedShare = number
      }
      return limits
    }

    private mutating func retry(_ value: JSON?, _ path: [YAMLDocument.Step]) throws -> RetryPolicy {
      var policy = RetryPolicy()
      switch value {
      case nil, .null, .bool(true): return policy
      case .bool(false):
        policy.attempts = 1
        return policy
      default: break
      }
      guard let value, value.object != nil else {
        throw problem("`retry` is not a mapping", path, hint: "for example {attempts: 5, wait: 10, after: any}, or false")
      }
      checkMembers(value, ConnectionsFile.retryMembers, path)
      if let attempts = value["attempts"] {
        guard let number = attempts.int, (1...Int64(RetryPolicy.mostAttempts)).contains(number) else {
          throw problem("`attempts` is not a number from 1 to \(RetryPolicy.mostAttempts)", path + ["attempts"])
        }
        policy.attempts = Int(number)
      }
      if let wait = value["wait"] {
        guard let seconds = wait.double, (0...86_400).contains(seconds) else { throw problem("`wait` is not a number of seconds", path + ["wait"]) }
        policy.wait = seconds
      }
      if let occasion = value["after"] {
        guard let known = occasion.string.flatMap(RetryPolicy.Occasion.init(rawValue:)) else {
          throw problem("'\(occasion.string ?? occasion.text())' is no kind of failure to try again after", path + ["after"], hint: "transient or any")
        }
        policy.occasion = known
      }
      return policy
    }

    private func command(
      _ entry: JSON, _ name: String, _ path: [YAMLDocument.Step], _ render: (JSON, [YAMLDocument.Step]) throws -> JSON
    ) throws -> [String] {
      let value = try render(entry["connector"] ?? .null, ["connector"])
      do {
        let command: ConnectorCommand
        if let line = value.string, !line.isEmpty {
          command = try ConnectorCommand(line)
        } else if let words = value.array?.compactMap(\.string), !words.isEmpty {
          command = ConnectorCommand(words: words)
        } else {
          throw problem("the connection '\(name)' has no connector", path, hint: "add `connector:` and a program, e.g. source-stripe")
        }
        return try command.resolve(projectFolder: projectFolder, environment: environment)
      } catch let error as Diagnostic where error.location?.line == nil {
        throw located(error, path + ["connector"])
      }
    }

    private func located(_ error: Diagnostic, _ path: [YAMLDocument.Step]) -> Diagnostic {
      var error = error
      let place = document.diagnostic(error.category, error.code, error.message, at: path)
      if let file = error.location?.file, file != document.file { error.trail.append(file) }
      error.location = place.location
      error.window = place.window
      return error
    }

    private mutating func streams(_ value: JSON?, _ path: [YAMLDocument.Step]) throws -> [Connection.StreamSelection]? {
      switch value {
      case nil, .null, .string("*"): return nil
      case .string(let name): return [.init(name: name)]
      case .array(let names):
        return try names.enumerated().map { index, name in
          guard let name = name.string else {
            throw problem("a stream in the list is not a name", path + [.index(index)], hint: "wishes go into a mapping: `charges: {sync_mode: incremental}`")
          }
          var selection = Connection.StreamSelection(name: name)
          selection.location = document.location(of: path + [.index(index)])
          return selection
        }
      case .object(let wishes):
        return try wishes.map { name, wish in try selection(name, wish, path + [.key(name)]) }
      default: throw problem("`streams` is neither '*', nor a list of names, nor a mapping", path)
      }
    }

    private mutating func selection(_ name: String, _ wish: JSON, _ path: [YAMLDocument.Step]) throws -> Connection.StreamSelection {
      var selection = Connection.StreamSelection(name: name)
      selection.location = document.keyLocation(of: path)
      if wish == false { selection.isWanted = false }
      if wish.isNull || wish.bool != nil { return selection }
      guard wish.object != nil else { throw problem("what is wished for the stream '\(name)' is not a mapping", path) }
      checkMembers(wish, ConnectionsFile.streamMembers, path)
      selection.isWanted = wish["enabled"]?.bool != false
      if let mode = wish["sync_mode"], !mode.isNull {
        guard let known = mode.string.flatMap(SyncMode.init(rawValue:)) else {
          throw problem("'\(mode.string ?? mode.text())' is not a sync mode", path + ["sync_mode"], hint: "full_refresh or incremental")
        }
        selection.syncMode = known
      }
      if let mode = wish["destination_sync_mode"], !mode.isNull {
        guard let known = mode.string.flatMap(DestinationSyncMode.init(name:)) else {
          throw problem(
            "'\(mode.string ?? mode.text())' is not a destination sync mode", path + ["destination_sync_mode"],
            hint: "append, overwrite, append_dedup or overwrite_dedup")
        }
        selection.destinationSyncMode = known
        selection.replacesAndDedups = mode.string == "overwrite_dedup"
      }
      if let cursor = wish["cursor_field"], !cursor.isNull {
        guard let path = ConnectionsFile.path(cursor) else { throw problem("the cursor field of '\(name)' is not a name or path", path + ["cursor_field"]) }
        selection.cursorField = path
      }
      if let key = wish["primary_key"], !key.isNull {
        let paths = key.string.map { [[$0]] } ?? key.array?.compactMap(ConnectionsFile.path)
        guard let paths, !paths.isEmpty, key.string != nil || paths.count == key.array?.count else {
          throw problem("the primary key of '\(name)' is not a name, a list of names or a list of paths", path + ["primary_key"])
        }
        selection.primaryKey = paths
      }
      return selection
    }
  }

  private static func path(_ value: JSON) -> [String]? {
    if let name = value.string { return [name] }
    let names = value.array?.compactMap(\.string) ?? []
    return names.isEmpty || names.count != value.array?.count ? nil : names
  }

  /// `error` without the secrets in the lines that it shows: what is written behind names like `password` and is no template.
  private static func masked(_ error: Diagnostic) -> Diagnostic {
    var clean = error
    clean.window?.lines = (error.window?.lines ?? []).map(masked)
    return clean
  }

  private static func masked(_ line: String) -> String {
    var result = ""
    var rest = Substring(line)
    while let colon = rest.firstIndex(of: ":") {
      let key = rest[..<colon].split(whereSeparator: { "{,- ".contains($0) }).last.map { $0.filter { $0 != "\"" && $0 != "'" } } ?? ""
      let after = rest.index(after: colon)
      result += rest[..<after]
      rest = rest[after...]
      let value = rest.prefix { !",}".contains($0) }
      let text = value.drop(while: \.isWhitespace)
      guard Connection.isTelling(key), !text.isEmpty, !text.contains("{{"), text.first != "{", text.first != "[" else { continue }
      result += value.prefix(while: \.isWhitespace) + "****"
      rest = rest[value.endIndex...]
    }
    return result + rest
  }

  private static func texts(_ value: JSON) -> [String] {
    switch value {
    case .string(let text): [text]
    case .array(let elements): elements.flatMap(texts)
    case .object(let members): members.values.flatMap(texts)
    default: []
    }
  }
}
