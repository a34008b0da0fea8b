/// A semantic version (semver.org): `1.10.23`, `2.0.0-rc.1+build`.
public struct SemanticVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Major, minor and patch.
  public var numbers: [Int]
  /// The parts behind the hyphen; none for a release.
  public var prerelease: [String]
  /// The text it was read from.
  public var description: String

  /// The version that `text` names in full; nil if it does not.
  public init?(_ text: some StringProtocol) {
    let withoutBuild = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)[0]
    let parts = withoutBuild.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { return nil }
    // `2.0.0b1` is read as `2.0.0-b1`.
    let patch = parts[2].prefix { $0.isASCII && $0.isNumber }
    let rest = parts[2].dropFirst(patch.count)
    let texts = [Substring(parts[0]), Substring(parts[1]), Substring(patch)]
    numbers = texts.compactMap { $0.allSatisfy { $0.isASCII && $0.isNumber } && ($0 == "0" || !$0.hasPrefix("0")) ? Int($0) : nil }
    guard numbers.count == 3 else { return nil }
    let tag = rest.hasPrefix("-") ? rest.dropFirst() : rest
    prerelease = rest.isEmpty ? [] : tag.split(separator: ".", omittingEmptySubsequences: false).map { String($0) }
    guard prerelease.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") } }) else { return nil }
    description = String(text)
  }

  /// Precedence: numbers, a prerelease before its release, its parts one by one; build metadata does not count.
  public static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
    if left.numbers != right.numbers { return left.numbers.lexicographicallyPrecedes(right.numbers) }
    if left.prerelease.isEmpty || right.prerelease.isEmpty { return !left.prerelease.isEmpty && right.prerelease.isEmpty }
    for (a, b) in zip(left.prerelease, right.prerelease) where a != b {
      switch (Int(a), Int(b)) {
      case (let a?, let b?): return a < b
      case (_?, nil): return true
      case (nil, _?): return false
      case (nil, nil): return a < b
      }
    }
    return left.prerelease.count < right.prerelease.count
  }

  /// Whether two versions have the same precedence.
  public static func == (left: SemanticVersion, right: SemanticVersion) -> Bool {
    left.numbers == right.numbers && left.prerelease == right.prerelease
  }

  /// What versions of the same precedence have in common.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(numbers)
    hasher.combine(prerelease)
  }
}

/// What is asked of a version: `>=1.0.0`, `<2.0.0`, several of them, or one exactly.
public struct VersionRange: Sendable, Hashable, CustomStringConvertible {
  /// One condition.
  public struct Condition: Sendable, Hashable {
    /// `=`, `>`, `>=`, `<` or `<=`.
    public var comparison: String
    /// What is compared with.
    public var version: SemanticVersion
  }

  /// The conditions, all of which must hold; none allows every version.
  public var conditions: [Condition]

  /// The conditions of `texts`, each of which may hold several between commas; nil if one of them is none.
  public init?(_ texts: [String]) {
    conditions = []
    for part in texts.flatMap({ $0.split(separator: ",") }) {
      let trimmed = part.filter { $0 != " " }
      let comparison = trimmed.prefix { "<>=".contains($0) }
      guard ["", "=", ">", ">=", "<", "<="].contains(comparison), let version = SemanticVersion(trimmed.dropFirst(comparison.count)) else { return nil }
      conditions.append(Condition(comparison: comparison.isEmpty ? "=" : String(comparison), version: version))
    }
  }

  /// Whether `version` fulfils all conditions. `<2.0.0` does not allow `2.0.0-rc1`.
  public func contains(_ version: SemanticVersion) -> Bool {
    conditions.allSatisfy { condition in
      let bound = condition.version
      switch condition.comparison {
      case ">=": return version >= bound
      case ">": return version > bound
      case "<=": return version <= bound
      case "<": return version < bound && !(bound.prerelease.isEmpty && !version.prerelease.isEmpty && version.numbers == bound.numbers)
      default: return version == bound
      }
    }
  }

  /// Whether any version at all could fulfil all conditions.
  public var isSatisfiable: Bool {
    if let exact = conditions.first(where: { $0.comparison == "=" }) { return contains(exact.version) }
    let lower = conditions.filter { $0.comparison.hasPrefix(">") }
    let upper = conditions.filter { $0.comparison.hasPrefix("<") }
    return lower.allSatisfy { low in
      upper.allSatisfy { low.version < $0.version || low.version == $0.version && low.comparison == ">=" && $0.comparison == "<=" }
    }
  }

  /// Whether a prerelease is named: prereleases are allowed then.
  public var namesPrerelease: Bool { conditions.contains { !$0.version.prerelease.isEmpty } }

  /// The conditions as they are written.
  public var description: String { conditions.map { $0.comparison + $0.version.description }.joined(separator: ", ") }
}
