import CSimdJSON
import DataFormats
import Diagnostics
import HTTP

/// One answer of a JSON API. It points into the parser's buffers: use it inside the call that it was given to, only.
public struct Page {
  let tokens: UnsafeBufferPointer<scv_json_token>
  /// The answer that the page came in: status and headers.
  public let response: HTTPResponse

  /// The records in the array at a path of member names; the page itself may be the array.
  ///
  /// - Throws: `Diagnostic` (`connector.unexpected-answer`) if there is no array.
  public func records(_ path: StaticString...) throws -> Records {
    var at = 0
    for name in path {
      guard let next = Record(tokens: tokens, index: at).memberIfObject(name) else { throw unexpected(path) }
      at = next
    }
    guard tokens[at].kind == UInt8(SCV_JSON_ARRAY.rawValue) else { throw unexpected(path) }
    return Records(tokens: tokens, array: at)
  }

  /// The page as an object; nil if it is none.
  public var object: Record? {
    tokens[0].kind == UInt8(SCV_JSON_OBJECT.rawValue) ? Record(tokens: tokens, index: 0) : nil
  }

  /// The value at a path of member names; nil where the path ends early.
  public func value(_ path: StaticString...) -> JSON? { value(at: path) }

  /// The value at a path of member names; nil where the path ends early.
  public func value(at path: [StaticString]) -> JSON? {
    var at = 0
    for name in path {
      guard let next = Record(tokens: tokens, index: at).memberIfObject(name) else { return nil }
      at = next
    }
    return JSONParser.value(tokens, at: at)
  }

  private func unexpected(_ path: [StaticString]) -> Diagnostic {
    Diagnostic(
      .connector, "connector.unexpected-answer",
      "the answer of \(URLText.shown(response.url)) holds no list '\(path.map(\.description).joined(separator: "."))'",
      hint: "check that the address belongs to the system that the connector reads")
  }
}

extension Record {
  func memberIfObject(_ name: StaticString) -> Int? {
    tokens[index].kind == UInt8(SCV_JSON_OBJECT.rawValue) ? token(name) : nil
  }
}

/// The objects of an array on a page, in order; elements that are no objects are left out.
public struct Records: Sequence, IteratorProtocol {
  private let tokens: UnsafeBufferPointer<scv_json_token>
  private var at: Int
  private let end: Int
  /// How many elements the array has.
  public let count: Int

  init(tokens: UnsafeBufferPointer<scv_json_token>, array: Int) {
    self.tokens = tokens
    at = array + 1
    end = Int(tokens[array].next)
    count = Int(tokens[array].count)
  }

  /// The next object.
  public mutating func next() -> Record? {
    while at < end {
      let index = at
      at = Int(tokens[at].next)
      if tokens[index].kind == UInt8(SCV_JSON_OBJECT.rawValue) { return Record(tokens: tokens, index: index) }
    }
    return nil
  }
}
