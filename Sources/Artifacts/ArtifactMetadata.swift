import DataFormats
import FoundationEssentials
import OrderedCollections
import Project
import Transform

/// Which invocation an artifact is from: the member `metadata` that all artifacts share.
public struct ArtifactMetadata: Sendable {
  /// The id of the invocation.
  public var invocationID: String
  /// When the invocation began.
  public var startedAt: Date
  /// When the artifact was made.
  public var generatedAt: Date
  /// Free annotations: environment variables `DBT_ENV_CUSTOM_ENV_*`, without that prefix.
  public var environment: OrderedDictionary<String, String>

  /// Metadata; see the properties.
  public init(invocationID: String, startedAt: Date, generatedAt: Date = Date(), environment: OrderedDictionary<String, String> = [:]) {
    self.invocationID = invocationID
    self.startedAt = startedAt
    self.generatedAt = generatedAt
    self.environment = environment
  }

  /// The metadata of artifacts of `session`.
  public init(_ session: TransformSession) {
    self.init(
      invocationID: session.invocationID, startedAt: session.startedAt, environment: ArtifactMetadata.custom(session.project.options.environment))
  }

  /// The annotations in the environment of a process.
  public static func custom(_ environment: [String: String]) -> OrderedDictionary<String, String> {
    let prefix = "DBT_ENV_CUSTOM_ENV_"
    let custom = environment.filter { $0.key.hasPrefix(prefix) }.sorted { $0.key < $1.key }
    return OrderedDictionary(custom.map { (String($0.key.dropFirst(prefix.count)), $0.value) }) { $1 }
  }

  /// The member `metadata` of an artifact of dbt's schema `name` and version.
  func json(_ name: String, _ version: Int) -> OrderedDictionary<String, JSON> {
    [
      "dbt_schema_version": .string("https://schemas.getdbt.com/dbt/\(name)/v\(version).json"),
      "dbt_version": .string(PureFunctions.dbtVersion), "generated_at": .string(generatedAt.artifactText),
      "invocation_id": .string(invocationID), "invocation_started_at": .string(startedAt.artifactText),
      "env": .object(environment.mapValues { .string($0) }),
    ]
  }
}

extension Date {
  /// The time as artifacts hold it: ISO 8601 in UTC with microseconds.
  var artifactText: String { CivilTime(microseconds: Int64((timeIntervalSince1970 * 1_000_000).rounded())).artifactText }
}

extension CivilTime {
  fileprivate var artifactText: String {
    let fraction = String(microsecond)
    let time = timeText.split(separator: ".").first ?? ""
    return dateText + "T" + time + "." + String(repeating: "0", count: 6 - fraction.count) + fraction + "Z"
  }
}
