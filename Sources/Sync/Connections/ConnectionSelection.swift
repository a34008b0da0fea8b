import AirbyteProtocol
import Diagnostics

/// Which connections, and which of their streams, a command is about: words as they stand after `--select` and `--exclude`.
///
/// A word is the name of a connection, `tag:WORD`, or `CONNECTION.STREAM` for one stream; several may stand in one, with commas or
/// blanks between them.
public struct ConnectionSelection {
  private let select: [String]
  private let exclude: [String]

  /// The words of both options; no words to select select all connections that are enabled.
  public init(select: [String] = [], exclude: [String] = []) {
    func words(_ texts: [String]) -> [String] { texts.flatMap { $0.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init) } }
    self.select = words(select)
    self.exclude = words(exclude)
  }

  /// The selected ones of `connections`, in their order, narrowed to the streams that were named.
  ///
  /// - Throws: `Diagnostic` (`sync.unknown-connection`).
  public func apply(to connections: [Connection]) throws -> [Connection] {
    for word in select + exclude where !connections.contains(where: { part(word, of: $0) != nil }) {
      throw ConnectionSelection.unknown(word, among: connections)
    }
    // Who has a dotted name is meant by it, and not by its first half.
    func parts(_ words: [String], _ connection: Connection) -> [Part] {
      words.filter { word in connection.name == word || !connections.contains { $0.name == word } }.compactMap { part($0, of: connection) }
    }
    return connections.compactMap { connection in
      let (wanted, unwanted) = (parts(select, connection), parts(exclude, connection))
      guard select.isEmpty ? connection.isEnabled : !wanted.isEmpty, !unwanted.contains(.whole) else { return nil }
      var connection = connection
      let (streams, left) = (wanted.compactMap(\.stream), unwanted.compactMap(\.stream))
      if !wanted.contains(.whole) && !streams.isEmpty {
        connection.narrow(to: streams.filter { !left.contains($0) })
      } else if !left.isEmpty {
        connection.leave(left)
      }
      return connection
    }
  }

  /// What is said of a word that means no connection.
  public static func unknown(_ word: String, among connections: [Connection]) -> Diagnostic {
    Diagnostic(
      .usage, "sync.unknown-connection", "connections.yml has no connection '\(word)'",
      hint: Suggestion.didYouMean(word, among: connections.map(\.name)) ?? "connections are: \(connections.map(\.name).joined(separator: ", "))")
  }

  private enum Part: Equatable {
    case whole
    case one(String)

    var stream: String? { if case .one(let name) = self { name } else { nil } }
  }

  private func part(_ word: String, of connection: Connection) -> Part? {
    if word.hasPrefix("tag:") { return connection.tags.contains(String(word.dropFirst(4))) ? .whole : nil }
    if connection.name == word { return .whole }
    guard word.hasPrefix(connection.name + "."), word.utf8.count > connection.name.utf8.count + 1 else { return nil }
    return .one(String(word.dropFirst(connection.name.count + 1)))
  }
}

extension Connection {
  /// Leaves only the streams of these names.
  fileprivate mutating func narrow(to names: [String]) {
    streams = names.map { wish(StreamDescriptor(name: $0)) ?? StreamSelection(name: $0) }
    otherStreams = nil
    isNarrowed = true
  }

  /// Takes the streams of these names out.
  fileprivate mutating func leave(_ names: [String]) {
    if streams == nil {
      streams = []
      otherStreams = StreamSelection(name: "*")
    }
    streams?.removeAll { names.contains($0.name) }
    streams? += names.map { name in
      var unwanted = StreamSelection(name: name)
      unwanted.isWanted = false
      return unwanted
    }
    isNarrowed = true
  }
}
