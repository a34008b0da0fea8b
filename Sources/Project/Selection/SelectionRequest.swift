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
  /// Node statuses of `run_results.json` by unique id.
  public var results: [String: String]
  /// `max_loaded_at` of `sources.json` by unique id, earlier.
  public var sourcesBefore: [String: String]
  /// The same, now: from the current target folder.
  public var sourcesNow: [String: String]

  /// Makes a state; see the properties.
  public init(
    manifest: JSON? = nil, results: [String: String] = [:], sourcesBefore: [String: String] = [:], sourcesNow: [String: String] = [:]
  ) {
    self.manifest = manifest
    self.results = results
    self.sourcesBefore = sourcesBefore
    self.sourcesNow = sourcesNow
  }
}
