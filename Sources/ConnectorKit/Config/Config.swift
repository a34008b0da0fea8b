import DataFormats
import Diagnostics

/// A configuration that has passed its specification's check: types hold, what is not set has its standard value.
public struct Config: Sendable {
  /// The configuration as JSON.
  public let json: JSON
  /// What looks wrong without being an error: settings that do not exist.
  public let warnings: [Diagnostic]

  init(_ json: JSON, warnings: [Diagnostic] = []) {
    self.json = json
    self.warnings = warnings
  }

  /// The text of a setting; nil if it is not set or empty.
  public func string(_ name: String) -> String? {
    guard let text = json[name]?.string, !text.isEmpty else { return nil }
    return text
  }

  /// The text of a setting.
  ///
  /// - Throws: `Diagnostic` (`config.missing`), for settings that only other settings make necessary.
  public func required(_ name: String, because reason: String? = nil) throws -> String {
    if let text = string(name) { return text }
    throw Diagnostic(.configuration, "config.missing", "'\(name)' is missing" + (reason.map { ", which is needed \($0)" } ?? ""))
  }

  /// The whole number of a setting; nil if it is not set.
  public func int(_ name: String) -> Int? { json[name]?.int.map(Int.init) }

  /// The number of a setting; nil if it is not set.
  public func double(_ name: String) -> Double? { json[name]?.double }

  /// The truth value of a setting; false if it is not set.
  public func bool(_ name: String) -> Bool { json[name]?.bool ?? false }

  /// The moment of a setting; nil if it is not set.
  public func instant(_ name: String) -> Instant? { string(name).flatMap { Instant($0) } }

  /// The texts of a list; empty if it is not set.
  public func strings(_ name: String) -> [String] { json[name]?.array?.compactMap(\.string) ?? [] }

  /// The objects of a list, each as a configuration of its own; empty if it is not set.
  public func objects(_ name: String) -> [Config] { (json[name]?.array ?? []).map { Config($0) } }
}
