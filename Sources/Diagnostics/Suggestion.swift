/// "Did you mean": the nearest of some names to one that is not among them.
public enum Suggestion {
  /// The candidates nearest to `name`, best first, at most `limit`; none if nothing is near.
  ///
  /// Near is an optimal string alignment distance of at most a third of the length (case ignored), or one name
  /// beginning with the other.
  public static func nearest(to name: String, among candidates: some Sequence<String>, limit: Int = 3) -> [String] {
    let wanted = Array(name.lowercased().utf8)
    let reach = max(1, wanted.count / 3)
    var scored: [(distance: Int, name: String)] = []
    for candidate in candidates where candidate != name {
      let other = Array(candidate.lowercased().utf8)
      let prefix = wanted.count > 2 && other.count > 2 && (other.starts(with: wanted) || wanted.starts(with: other))
      if abs(other.count - wanted.count) > reach && !prefix { continue }
      let distance = prefix ? min(1, abs(other.count - wanted.count)) : alignmentDistance(wanted, other)
      // One letter for another is no slip of the finger if there is no more than that letter.
      if distance <= reach, distance < max(wanted.count, other.count) { scored.append((distance, candidate)) }
    }
    return scored.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(limit).map(\.name)
  }

  /// A hint of the form `did you mean 'orders'?`, or nil if nothing is near.
  public static func didYouMean(_ name: String, among candidates: some Sequence<String>) -> String? {
    let names = nearest(to: name, among: candidates).map { "'\($0)'" }
    guard let last = names.last else { return nil }
    return names.count == 1 ? "did you mean \(last)?" : "did you mean \(names.dropLast().joined(separator: ", ")) or \(last)?"
  }

  /// Insertions, deletions, substitutions and swaps of neighbours that turn one name into the other.
  private static func alignmentDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var before: [Int] = []
    var previous = Array(0...b.count)
    for i in 0..<a.count {
      var row = [i + 1]
      row.reserveCapacity(b.count + 1)
      for j in 0..<b.count {
        var best = min(previous[j + 1] + 1, row[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
        row.append(best)
      }
      before = previous
      previous = row
    }
    return previous[b.count]
  }
}
