/// How many records of a sync may find no place before it is a failure: a flood of them means that something is wrong, not some records.
public struct RejectionLimits: Sendable, Equatable {
  /// The most records of a stream that may be put aside; nil is any number.
  public var rejected: Int?
  /// The largest share of a stream's records that may be put aside, 0 to 1; it counts from `leastRecords` on.
  public var rejectedShare = 0.5 {
    didSet { isShareChosen = true }
  }
  /// Whether somebody has chosen the share: then it counts for the shortest stream, too, once that is read.
  private var isShareChosen = false
  /// How many records a share is a share of at least.
  public static let leastRecords = 100

  /// Half of the records at most.
  public init() {}

  /// Whether a stream that has been read has gone beyond.
  ///
  /// - Parameter replacing: whether its records are to replace the rows, which are not given for a few that are mostly bad.
  package func isExceeded(rejected count: Int, ofAll read: Int, replacing: Bool) -> Bool {
    isExceeded(rejected: count, of: read) || (replacing || isShareChosen) && Double(count) > rejectedShare * Double(read)
  }

  /// Whether a stream has gone beyond, while it is read.
  package func isExceeded(rejected count: Int, of read: Int) -> Bool {
    if let rejected, count > rejected { return true }
    return count > 0 && read >= RejectionLimits.leastRecords && Double(count) > rejectedShare * Double(read)
  }
}
