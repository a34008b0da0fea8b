import DataFormats
import Jinja
import OrderedCollections
import Project

/// `graph` as templates see it: the project's things by unique id, as in manifest.json
/// (docs.getdbt.com/reference/dbt-jinja-functions/graph).
enum GraphValue {
  static func make(_ manifest: Manifest) -> Value {
    Value(names: [
      "nodes": dict(manifest.nodes.values.map { ($0.uniqueID, $0.json) }),
      "sources": dict(manifest.sources.values.map { ($0.uniqueID, $0.json) }),
      "exposures": dict(manifest.exposures.values.map { ($0.uniqueID, $0.json) }),
      "groups": dict(manifest.groups.values.map { ($0.uniqueID, $0.json) }),
      "metrics": semantics("metric", of: manifest), "semantic_models": semantics("semantic_model", of: manifest),
      "saved_queries": semantics("saved_query", of: manifest),
    ])
  }

  private static func semantics(_ kind: String, of manifest: Manifest) -> Value {
    Value(json: manifest.semantics.filter { $0.key.hasPrefix(kind + ".") })
  }

  private static func dict(_ members: [(String, JSON)]) -> Value {
    Value(json: OrderedDictionary(members) { $1 })
  }
}

/// `results` as on-run-end hooks see them (docs.getdbt.com/reference/dbt-jinja-functions/on-run-end-context).
enum ResultValues {
  static func make(_ results: [NodeResult], _ manifest: Manifest) throws -> Value {
    Value(
      results.map { result in
        let node = manifest.nodes[result.uniqueID].map { Value(json: $0.compiledJSON(result.compiledCode)) } ?? Value.none
        return .object(
          NamespaceObject(
            "RunResult",
            [
              "node": node, "unique_id": .string(result.uniqueID), "status": .string(result.status.rawValue),
              "message": result.message.map { .string($0) } ?? Value.none, "execution_time": .double(result.executionTime),
              "thread_id": .string(result.threadID), "failures": result.failures.map { .int(Int64($0)) } ?? Value.none,
              "adapter_response": Value(json: result.adapterResponse),
              "timing": Value(
                result.timing.map { timing in
                  .object(
                    NamespaceObject(
                      "TimingInfo",
                      [
                        "name": .string(timing.name), "started_at": .object(DateTimeObject(timing.startedAt)),
                        "completed_at": .object(DateTimeObject(timing.completedAt)),
                      ]))
                }),
            ]))
      })
  }
}

extension Node {
  /// The node with what became of its code.
  func compiledJSON(_ code: String?) -> JSON {
    var json = json
    json["compiled"] = .bool(code != nil)
    json["compiled_code"] = code.map { .string($0) } ?? .null
    return json
  }
}
