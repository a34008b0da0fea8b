import DataFormats
import FoundationEssentials
import OrderedCollections
import Project
import Transform

/// sources.json: how old the source tables are (schema v3, schemas.getdbt.com/dbt/sources/v3.json).
public struct SourcesArtifact: Sendable {
  private let results: [FreshnessResult]
  private let elapsedTime: Double
  private let metadata: ArtifactMetadata

  /// The results of a look at the sources of `session`'s project.
  public init(_ results: [FreshnessResult], elapsedTime: Double, _ session: TransformSession) {
    self.results = results
    self.elapsedTime = elapsedTime
    metadata = ArtifactMetadata(session)
  }

  /// Writes it into a folder, under the name `sources.json` unless told otherwise.
  ///
  /// - Throws: `Diagnostic` (`target.cannot-write`).
  public func write(to folder: String, name: String = "sources.json") throws {
    try ArtifactFile.write(json.utf8(), name, in: folder)
  }

  /// The document.
  public var json: JSON {
    .object([
      "metadata": .object(metadata.json("sources", 3)), "results": .array(results.map(result)), "elapsed_time": .double(elapsedTime),
    ])
  }

  private func result(_ result: FreshnessResult) -> JSON {
    if let diagnostic = result.diagnostic {
      return ["unique_id": .string(result.uniqueID), "error": .string(diagnostic.message), "status": "runtime error"]
    }
    return .object([
      "unique_id": .string(result.uniqueID), "max_loaded_at": result.maxLoadedAt.map { .string($0) } ?? .null,
      "snapshotted_at": result.snapshottedAt.map { .string($0) } ?? .null, "max_loaded_at_time_ago_in_s": result.age.map { .double($0) } ?? .null,
      "status": .string(result.status.rawValue), "criteria": result.criteria.json, "adapter_response": [:],
      "timing": .array(result.timing.map(\.json)), "thread_id": "Thread-1", "execution_time": .double(result.executionTime),
    ])
  }
}
