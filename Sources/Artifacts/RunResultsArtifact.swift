import DataFormats
import OrderedCollections
import Project
import Transform

/// run_results.json: what became of every node of a run (schema v6, schemas.getdbt.com/dbt/run-results/v6.json).
public struct RunResultsArtifact: Sendable {
  private let results: RunResults
  private let metadata: ArtifactMetadata
  private let session: TransformSession

  /// The results of a run of `session`.
  public init(_ results: RunResults, _ session: TransformSession) {
    self.results = results
    self.session = session
    metadata = ArtifactMetadata(session)
  }

  /// Writes it into a folder.
  ///
  /// - Throws: `Diagnostic` (`target.cannot-write`).
  public func write(to folder: String) throws {
    try ArtifactFile.write(json.utf8(), "run_results.json", in: folder)
  }

  /// The document.
  public var json: JSON {
    .object([
      "metadata": .object(metadata.json("run-results", 6)), "results": .array(results.results.map(result)),
      "elapsed_time": .double(results.elapsedTime), "args": arguments,
    ])
  }

  /// The words of the command line, without the values of secret variables (`DBT_ENV_SECRET…`), be they of the environment or of `--vars`.
  private var arguments: JSON { session.project.options.secrets.scrub(.object(session.options.arguments)) }

  private func result(_ result: NodeResult) -> JSON {
    let isSeed = session.project.manifest.nodes[result.uniqueID]?.resourceType == .seed
    return .object([
      "status": .string(result.status.rawValue), "timing": .array(result.timing.map(\.json)), "thread_id": .string(result.threadID),
      "execution_time": .double(result.executionTime), "adapter_response": result.adapterResponse,
      "message": result.message.map { .string($0) } ?? .null, "failures": result.failures.map { .int(Int64($0)) } ?? .null,
      "unique_id": .string(result.uniqueID), "compiled": isSeed ? .null : .bool(result.compiledCode != nil),
      "compiled_code": result.compiledCode.map { .string($0) } ?? .null, "relation_name": result.relationName.map { .string($0) } ?? .null,
      "batch_results": result.batches ?? .null,
    ])
  }
}

extension Timing {
  /// The part as artifacts hold it.
  var json: JSON {
    ["name": .string(name), "started_at": .string(startedAt.artifactText), "completed_at": .string(completedAt.artifactText)]
  }
}
