import Dispatch
import Synchronization

/// Work on many items at a time.
enum Parallel {
  /// `transform` of every item, in the order of the items, on up to `width` threads.
  static func map<Item: Sendable, Result: Sendable>(
    _ items: [Item], width: Int?, _ transform: @Sendable (Item) -> Result
  ) -> [Result] {
    let width = width ?? 8
    guard items.count > 8, width > 1 else { return items.map(transform) }
    let size = max(4, (items.count + width * 4 - 1) / (width * 4))
    let count = (items.count + size - 1) / size
    let chunks = Mutex<[Int: [Result]]>([:])
    withoutActuallyEscaping(transform) { transform in
      DispatchQueue.concurrentPerform(iterations: count) { index in
        let slice = items[(index * size)..<min(items.count, (index + 1) * size)]
        let results = slice.map(transform)
        chunks.withLock { $0[index] = results }
      }
    }
    return chunks.withLock { chunks in (0..<count).flatMap { chunks[$0] ?? [] } }
  }
}
