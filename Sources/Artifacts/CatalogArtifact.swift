import DataFormats
import OrderedCollections
import Project
import Transform
import Warehouse

/// catalog.json: the relations and columns that the warehouse holds (schema v1, schemas.getdbt.com/dbt/catalog/v1.json).
public struct CatalogArtifact: Sendable {
  private let catalog: Catalog
  private let session: TransformSession
  private let metadata: ArtifactMetadata

  /// The catalog of `session`'s project.
  public init(_ catalog: Catalog, _ session: TransformSession) {
    self.catalog = catalog
    self.session = session
    metadata = ArtifactMetadata(session)
  }

  /// Writes it into a folder.
  ///
  /// - Throws: `Diagnostic` (`target.cannot-write`).
  public func write(to folder: String) throws {
    try ArtifactFile.write(json.utf8(), "catalog.json", in: folder)
  }

  /// The document.
  public var json: JSON {
    .object([
      "metadata": .object(metadata.json("catalog", 1)), "nodes": tables(catalog.nodes), "sources": tables(catalog.sources), "errors": .null,
    ])
  }

  private func tables(_ entries: [Catalog.Entry]) -> JSON {
    .object(OrderedDictionary(entries.map { ($0.uniqueID, table($0)) }) { $1 })
  }

  private func table(_ entry: Catalog.Entry) -> JSON {
    let columns = entry.columns.enumerated().map { index, column -> (String, JSON) in
      (column.name, ["type": .string(column.type), "index": .int(Int64(index + 1)), "name": .string(column.name), "comment": .null])
    }
    return .object([
      "metadata": [
        "type": .string(entry.relation.kind?.rawValue ?? "table"), "schema": .string(entry.relation.schema),
        "name": .string(entry.relation.identifier), "database": .string(session.project.profile.database), "comment": .null, "owner": .null,
      ],
      "columns": .object(OrderedDictionary(columns) { $1 }),
      "stats": [
        "has_stats": [
          "id": "has_stats", "label": "Has Stats?", "value": false, "include": false,
          "description": "Indicates whether there are statistics for this table",
        ]
      ],
      "unique_id": .string(entry.uniqueID),
    ])
  }
}
