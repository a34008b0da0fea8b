import CSimdJSON
import DataFormats
import Diagnostics

/// Reads records that stand each for itself, such as the lines of a file.
public final class RecordParser {
  private let parser = JSONParser()

  /// A parser.
  public init() {}

  /// Calls `body` with the object that `bytes` is.
  ///
  /// - Throws: `Diagnostic` (`json.malformed`, `json.no-object`), and what `body` throws.
  public func parse<Result>(_ bytes: UnsafeRawBufferPointer, _ body: (Record) throws -> Result) throws -> Result {
    try parser.withTokens(of: bytes) { tokens in
      guard tokens[0].kind == UInt8(SCV_JSON_OBJECT.rawValue) else {
        throw Diagnostic(.parsing, "json.no-object", "this is JSON, but not an object", hint: "a record is an object: {\"name\": …}")
      }
      return try body(Record(tokens: tokens, index: 0))
    }
  }
}

extension Record {
  /// The record as a value.
  public var json: JSON { JSONParser.value(tokens, at: index) }
}
