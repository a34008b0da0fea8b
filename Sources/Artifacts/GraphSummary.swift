import DataFormats
import Project

/// graph_summary.json: names, kinds and edges of the graph, each node by its number, as dbt writes it for diagnostics.
public struct GraphSummary: Sendable {
  private let manifest: Manifest
  private let invocationID: String
  private let hasTestEdges: Bool

  /// The graph of `manifest`.
  ///
  /// - Parameter hasTestEdges: whether the graph in which tests hold back what is downstream of them is part of it: of `build`.
  public init(_ manifest: Manifest, invocationID: String, hasTestEdges: Bool) {
    self.manifest = manifest
    self.invocationID = invocationID
    self.hasTestEdges = hasTestEdges
  }

  /// Writes it into a folder.
  ///
  /// - Throws: `Diagnostic` (`target.cannot-write`).
  public func write(to folder: String) throws {
    try ArtifactFile.write(utf8, "graph_summary.json", in: folder)
  }

  /// The document.
  var utf8: [UInt8] {
    var bytes = Array("{\"_invocation_id\": ".utf8)
    JSON.writeQuoted(invocationID, to: &bytes)
    bytes += Array(", \"linked\": ".utf8)
    write(manifest.graph, to: &bytes)
    if hasTestEdges {
      bytes += Array(", \"with_test_edges\": ".utf8)
      write(manifest.graph.addingTestEdges { manifest.nodes[$0]?.resourceType == .test }, to: &bytes)
    }
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  private func write(_ graph: Graph, to bytes: inout [UInt8]) {
    let numbers = Dictionary(graph.ids.enumerated().map { ($1, $0) }) { first, _ in first }
    bytes.append(UInt8(ascii: "{"))
    for (number, id) in graph.ids.enumerated() {
      bytes += Array("\(number == 0 ? "" : ", ")\"\(number)\": {\"name\": ".utf8)
      JSON.writeQuoted(id, to: &bytes)
      bytes += Array(", \"type\": \"\(id.prefix { $0 != "." })\"".utf8)
      let children = graph.children(of: id).compactMap { numbers[$0] }
      if !children.isEmpty { bytes += Array(", \"succ\": \(children)".utf8) }
      bytes.append(UInt8(ascii: "}"))
    }
    bytes.append(UInt8(ascii: "}"))
  }
}
