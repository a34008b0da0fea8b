import DataFormats
import HTTP

/// Where a page is: a path or URL, and what is asked of it.
public struct PageReference: Equatable {
  /// A path below the API's base URL, or what the API has named.
  public var reference: String
  /// The query, beside what `reference` has.
  public var query: [(String, String)]

  /// Where a page is.
  public init(_ reference: String, query: [(String, String)] = []) {
    self.reference = reference
    self.query = query
  }

  /// Whether both lead to the same page.
  public static func == (left: PageReference, right: PageReference) -> Bool {
    left.reference == right.reference && left.query.elementsEqual(right.query) { $0 == $1 }
  }

  /// The same place with one field of the query replaced or added.
  func setting(_ name: String, _ value: String) -> PageReference {
    PageReference(reference, query: query.filter { $0.0 != name } + [(name, value)])
  }
}

/// Finds the way from one page to the next.
public protocol Paginator {
  /// Where the page behind `page` is; nil if it was the last.
  func next(after page: Page, at reference: PageReference) throws -> PageReference?
}

/// The next page is named by the header `Link: <…>; rel="next"` (RFC 8288).
public struct LinkPaginator: Paginator {
  /// A paginator.
  public init() {}

  /// The link's target.
  public func next(after page: Page, at reference: PageReference) -> PageReference? {
    page.response.link("next").map { PageReference($0) }
  }
}

/// The next page's address stands in a member of the page.
public struct AddressPaginator: Paginator {
  private let member: StaticString

  /// - Parameter member: the member that holds the address; null or absent on the last page.
  public init(member: StaticString) {
    self.member = member
  }

  /// The address.
  public func next(after page: Page, at reference: PageReference) -> PageReference? {
    page.value(member)?.string.map { PageReference($0) }
  }
}

/// The next page begins behind the last record's identifier.
public struct LastRecordPaginator: Paginator {
  private let records: StaticString
  private let identifier: StaticString
  private let parameter: String
  private let more: StaticString

  /// - Parameters:
  ///   - records: the member that holds the records.
  ///   - identifier: the member of a record that identifies it.
  ///   - parameter: the query field that takes the identifier.
  ///   - more: the member that tells whether there are more pages.
  public init(records: StaticString, identifier: StaticString, parameter: String, more: StaticString) {
    self.records = records
    self.identifier = identifier
    self.parameter = parameter
    self.more = more
  }

  /// The same request, from the last record on.
  public func next(after page: Page, at reference: PageReference) throws -> PageReference? {
    guard page.value(more)?.bool == true else { return nil }
    var last: String?
    for record in try page.records(records) { last = record.identifier(identifier) }
    return last.map { reference.setting(parameter, $0) }
  }
}

/// The next page is found by a cursor that stands on the page.
public struct CursorPaginator: Paginator {
  private let cursor: [StaticString]
  private let parameter: String
  private let more: [StaticString]

  /// - Parameters:
  ///   - cursor: the path of the cursor.
  ///   - parameter: the query field that takes the cursor.
  ///   - more: the path of the truth value that tells whether there are more pages.
  public init(cursor: [StaticString], parameter: String, more: [StaticString]) {
    self.cursor = cursor
    self.parameter = parameter
    self.more = more
  }

  /// The same request with the cursor.
  public func next(after page: Page, at reference: PageReference) -> PageReference? {
    guard page.value(at: more)?.bool == true else { return nil }
    return page.value(at: cursor)?.string.map { reference.setting(parameter, $0) }
  }
}
