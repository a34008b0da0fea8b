/// Dates as HTTP headers write them (RFC 9110, section 5.6.7).
public enum HTTPDate {
  /// The seconds since 1970 that a date stands for; nil if it is none.
  public static func seconds(_ text: String) -> Double? { CurlTransfer.seconds(ofDate: text) }
}
