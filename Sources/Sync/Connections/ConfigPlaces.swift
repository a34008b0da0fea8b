import DataFormats
import Diagnostics

/// Where the members of a connection's configuration stand in connections.yml.
struct ConfigPlaces: Sendable {
  private let document: YAMLDocument
  private let connection: [YAMLDocument.Step]

  /// - Parameter connection: the way to the connection in `document`.
  init(_ document: YAMLDocument, _ connection: [YAMLDocument.Step]) {
    self.document = document
    self.connection = connection
  }

  /// Where the member at `path` of the configuration stands, or the nearest one around it: `config:` itself where nothing of it is
  /// there, as for what stands in the profiles file.
  func location(of path: [YAMLDocument.Step]) -> SourceLocation {
    var known = connection
    guard var value = connection.reduce(document.value, { $0?[$1] } as (JSON?, YAMLDocument.Step) -> JSON?) else { return document.location(of: connection) }
    for step in [.key("config")] + path {
      guard let inner = value[step] else { break }
      known.append(step)
      value = inner
    }
    return known.count == connection.count ? document.location(of: connection) : document.keyLocation(of: known)
  }
}

extension JSON {
  fileprivate subscript(_ step: YAMLDocument.Step) -> JSON? {
    switch step {
    case .key(let name): object?[name]
    case .index(let index): array.flatMap { $0.indices.contains(index) ? $0[index] : nil }
    }
  }
}
