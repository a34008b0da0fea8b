import DataFormats
import Diagnostics

/// What a command wants to work on.
public struct SelectionRequest: Sendable {
  /// `--select`; empty selects everything, or what the default selector selects.
  public var select: [String] = []
  /// `--exclude`.
  public var exclude: [String] = []
  /// `--selector`.
  public var selectorName: String?
  /// Only these kinds, after everything else: what the command runs, or `--resource-type`. Nil is every kind.
  public var resourceTypes: Set<ResourceType>?
  /// `--exclude-resource-type`.
  public var excludedResourceTypes: Set<ResourceType> = []
  /// `--indirect-selection`.
  public var indirect: IndirectSelection = .eager
  /// Artifacts of an earlier run: `--state`.
  public var previous: PreviousState?

  /// A request for everything.
  public init() {}
}

/// What a request came to.
public struct Selection: Sendable {
  /// The unique ids, parents before children.
  public var ids: [String]
  /// Criteria that matched nothing.
  public var warnings: [Diagnostic]
}

/// Artifacts of an earlier run, for `state:`, `result:` and `source_status:`.
public struct PreviousState: Sendable {
  /// `manifest.json`.
  public var manifest: JSON?
  /// Node statuses of `run_results.json` by unique id; nil without the file.
  public var results: [String: String]?
  /// `max_loaded_at` of `sources.json` by unique id, earlier; nil without the file.
  public var sourcesBefore: [String: String]?
  /// The same, now: from the current target folder.
  public var sourcesNow: [String: String]?

  /// Makes a state; see the properties.
  public init(
    manifest: JSON? = nil, results: [String: String]? = nil, sourcesBefore: [String: String]? = nil, sourcesNow: [String: String]? = nil
  ) {
    self.manifest = manifest
    self.results = results
    self.sourcesBefore = sourcesBefore
    self.sourcesNow = sourcesNow
  }
}

extension PreviousState {
  /// The artifacts in a folder: `manifest.json`, `run_results.json`, `sources.json`, as far as they are there. As with dbt, who
  /// needs one that is missing says so, be it that the folder is not there at all.
  ///
  /// - Parameters:
  ///   - folder: what `--state` names.
  ///   - target: the current target folder, whose `sources.json` is compared for `source_status:`.
  /// - Throws: `Diagnostic` (`json.malformed`).
  public static func read(_ folder: String, target: String? = nil) throws -> PreviousState {
    func document(_ folder: String, _ name: String) throws -> JSON? {
      let path = FileReader.join(folder, name)
      guard let bytes = try FileReader.bytes(path) else { return nil }
      do {
        return try JSON.parse(bytes)
      } catch var error as Diagnostic {
        error.location?.file = path
        throw error
      }
    }
    func byNode(_ document: JSON?, _ key: String) -> [String: String]? {
      guard let document else { return nil }
      var found: [String: String] = [:]
      for result in document["results"]?.array ?? [] {
        if let id = result["unique_id"]?.string, let value = result[key]?.string { found[id] = value }
      }
      return found
    }
    return PreviousState(
      manifest: try document(folder, "manifest.json"), results: byNode(try document(folder, "run_results.json"), "status"),
      sourcesBefore: byNode(try document(folder, "sources.json"), "max_loaded_at"),
      sourcesNow: byNode(try target.flatMap { try document($0, "sources.json") }, "max_loaded_at"))
  }
}
