import Crypto
import DataFormats
import Diagnostics
import FoundationEssentials
import Glibc
import OrderedCollections

/// The configuration that a source has given itself by a CONTROL message: a refresh token that can be used once, and that the
/// next sync must not miss.
///
/// It holds secrets and is therefore not in the warehouse, which others read, but in a file of mode 0600 in the project's folder
/// `.scv`. Members that the user has changed since count more than the source's.
struct StoredConfiguration {
  private let file: String
  private let folder: String

  init(connection: String, projectFolder: String) {
    folder = projectFolder + "/.scv"
    file = folder + "/" + StoredConfiguration.fileName(connection) + ".config.json"
  }

  /// A connection's name as part of a file's. Two names that look alike when cleaned stay apart.
  static func fileName(_ connection: String) -> String {
    let safe = String(connection.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") ? $0 : "_" })
    return safe + (safe == connection ? "" : "-" + digest(.string(connection)).prefix(8))
  }

  /// The configuration to start the source with: `given`, with the members that the source has changed itself.
  ///
  /// - Throws: `Diagnostic` (`sync.stored-config`) if the file is damaged.
  func merged(into given: JSON) throws -> JSON {
    guard FileManager.default.fileExists(atPath: file) else { return given }
    guard let bytes = FileManager.default.contents(atPath: file), let stored = try? JSON.parse(bytes), let config = stored["config"]?.object,
      let digests = stored["given"]?.object, var members = given.object
    else {
      throw Diagnostic(
        .configuration, "sync.stored-config", "the configuration that the source has stored cannot be read", at: SourceLocation(file: file),
        hint: "delete the file to go back to the one in connections.yml")
    }
    for (key, value) in config where digests[key]?.string == members[key].map(StoredConfiguration.digest) { members[key] = value }
    return .object(members)
  }

  /// Stores what the source sent.
  ///
  /// - Parameter given: the user's own configuration, which is remembered by digests only.
  /// - Throws: `Diagnostic` (`system.cannot-write`).
  func store(_ config: JSON, given: JSON) throws {
    if mkdir(folder, 0o700) == 0 { try PrivateFile.write(Array("*\n".utf8), to: folder + "/.gitignore") }
    let digests = OrderedDictionary((given.object ?? [:]).map { ($0.key, JSON.string(StoredConfiguration.digest($0.value))) }) { _, last in last }
    try PrivateFile.write(JSON.object(["given": .object(digests), "config": config]).utf8(pretty: true), to: file)
  }

  private static func digest(_ value: JSON) -> String {
    SHA256.hash(data: value.utf8(sorted: true)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
