import Synchronization

/// Lines of a connector's standard error, until what it said before on its standard output has been read.
///
/// A connector may renew a secret by a message on one and name it on the other right away: only who has read the message knows what to
/// hide. How the two outputs follow each other can be told by nothing but the order in which they are read.
final class HeldLines: Sendable {
  private struct Held {
    var lines: [(text: String, round: Int)] = []
    var round = 0
  }

  private let held = Mutex(Held())
  /// More than there can be blocks on their way.
  private static let rounds = 8
  /// How many lines wait at most.
  private static let most = 10_000

  /// Takes a line.
  ///
  /// - Returns: the lines that cannot wait any longer, because there are too many.
  func add(_ line: String) -> [String] {
    held.withLock { held in
      held.lines.append((line, held.round))
      guard held.lines.count > HeldLines.most else { return [] }
      defer { held.lines.removeAll() }
      return held.lines.map(\.text)
    }
  }

  /// A block of the standard output has been read.
  ///
  /// - Parameter isDry: whether there was nothing more to be read.
  /// - Returns: the lines that came before what has been read.
  func pass(isDry: Bool) -> [String] {
    held.withLock { held in
      held.round += 1
      let end = isDry ? held.lines.count : held.lines.prefix { $0.round + HeldLines.rounds <= held.round }.count
      defer { held.lines.removeFirst(end) }
      return held.lines[..<end].map(\.text)
    }
  }
}
