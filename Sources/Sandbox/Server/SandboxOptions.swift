import Diagnostics

/// What company is played, and how.
public struct SandboxOptions: Sendable {
  /// How many people have joined when the books are opened.
  public var customers: Int
  /// What everything is drawn from: the same seed, the same company.
  public var seed: UInt64
  /// When the books are opened, Unix seconds.
  public var opening: Int64
  /// How far the clock has moved on since, in seconds.
  public var advance: Int64
  /// The port on 127.0.0.1; 0 takes a free one.
  public var port: Int
  /// How the server misbehaves.
  public var faults: [Fault]

  /// The opening that is taken unless told: 2026-03-01, midnight UTC.
  public static let defaultOpening: Int64 = 1_772_323_200

  /// Options with the defaults of the command line.
  public init(
    customers: Int = 2_000, seed: UInt64 = 7, opening: Int64 = SandboxOptions.defaultOpening, advance: Int64 = 0, port: Int = 8_484,
    faults: [Fault] = []
  ) {
    self.customers = customers
    self.seed = seed
    self.opening = opening
    self.advance = advance
    self.port = port
    self.faults = faults
  }

  /// The seconds of a span such as `1d`, `12h`, `90m` or `1d12h`.
  ///
  /// - Throws: a `Diagnostic` of the code `sandbox.invalid-span`.
  public static func span(_ text: String) throws -> Int64 {
    guard let span = CivilTime.parseSpan(text) else {
      throw Diagnostic(.usage, "sandbox.invalid-span", "'\(text)' is no span of time", hint: "write it like 1d, 12h, 90m or 1d12h")
    }
    return span
  }

  /// The Unix time of an ISO 8601 date or timestamp such as `2026-03-01T00:00:00Z`.
  ///
  /// - Throws: a `Diagnostic` of the code `sandbox.invalid-time`.
  public static func time(_ text: String) throws -> Int64 {
    guard let time = CivilTime.parse(text) else {
      throw Diagnostic(.usage, "sandbox.invalid-time", "'\(text)' is no date or time", hint: "write it like 2026-03-01 or 2026-03-01T00:00:00Z")
    }
    return time
  }

  /// The company as these options show it.
  func world() -> World {
    let company = Company(seed: seed, customers: customers, opening: opening)
    return World(company: company, now: opening + advance, previous: opening)
  }
}
