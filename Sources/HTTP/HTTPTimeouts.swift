/// How long a request may take.
public struct HTTPTimeouts: Sendable, Equatable {
  /// Until the connection stands, in seconds.
  public var connect: Double
  /// How long less than one byte a second may come before the transfer counts as stalled, in whole seconds.
  public var stall: Int
  /// For the whole transfer, in seconds; 0 sets no limit. Downloads have none.
  public var total: Double

  /// Limits; see the properties for the parameters.
  public init(connect: Double = 20, stall: Int = 60, total: Double = 600) {
    self.connect = connect
    self.stall = stall
    self.total = total
  }
}
