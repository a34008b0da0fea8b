/// How many records of a sync may find no place before it is a failure: a flood of them means that something is wrong, not some records.
public struct RejectionLimits: Sendable, Equatable {
  /// The most records of a stream that may be put aside; nil is any number.
  public var rejected: Int?
  /// The largest share of a stream's records that may be put aside, 0 to 1; it counts from `leastRecords` on.
  public var rejectedShare = 0.5
  /// How many records a share is a share of at least.
  public static let leastRecords = 100

  /// Half of the records at most.
  public init() {}

  /// Whether a stream has gone beyond.
  package func isExceeded(rejected count: Int, of read: Int) -> Bool {
    if let rejected, count > rejected { return true }
    return count > 0 && read >= RejectionLimits.leastRecords && Double(count) > rejectedShare * Double(read)
  }
}
