import Diagnostics

/// Filters that take filters and tests by name. They work on demand, as their Python counterparts do.
enum SelectionFilters {
  static let all: [String: Filter] = [
    "map": map, "select": selection(keeps: true, byAttribute: false), "reject": selection(keeps: false, byAttribute: false),
    "selectattr": selection(keeps: true, byAttribute: true), "rejectattr": selection(keeps: false, byAttribute: true),
  ]

  private static let map: Filter = { value, call in
    let transform = try transformation(call)
    guard try value.isTrue else { return .iterator(ValueIterator([])) }
    let source = try value.makeIterator()
    return .iterator(try ValueIterator(on: source) { try source.next().map(transform) })
  }

  private static func transformation(_ call: Call) throws -> (Value) throws -> Value {
    if call.positional.isEmpty, let attribute = call.keyword("attribute") {
      for keyword in call.keywords where keyword.name != "attribute" && keyword.name != "default" {
        throw Fault(.type, "unexpected keyword argument '\(keyword.name)'", hint: Suggestion.didYouMean(keyword.name, among: ["default"]))
      }
      let path = AttributePath(attribute, call, fallback: call.keyword("default"))
      return { try path.value(of: $0) }
    }
    guard let name = call.positional.first else { throw Fault(.type, "map requires a filter argument") }
    let filters = call.scope.template.environment.filters
    guard let filter = filters[try name.str()] else {
      throw Fault(
        .runtime, "there is no filter named '\(try name.str())'", hint: Suggestion.didYouMean(try name.str(), among: filters.keys))
    }
    var inner = call
    inner.positional.removeFirst()
    let arguments = inner
    return { try filter($0, arguments) }
  }

  private static func selection(keeps: Bool, byAttribute: Bool) -> Filter {
    { value, call in
      var inner = call
      var path: AttributePath?
      if byAttribute {
        guard !inner.positional.isEmpty else { throw Fault(.type, "missing parameter for attribute name") }
        path = AttributePath(inner.positional.removeFirst(), call)
      }
      var test: ValueTest = { value, _ in try value.isTrue }
      if !inner.positional.isEmpty {
        let name = try inner.positional.removeFirst().str()
        let tests = call.scope.template.environment.tests
        guard let found = tests[name] else {
          throw Fault(.runtime, "there is no test named '\(name)'", hint: Suggestion.didYouMean(name, among: tests.keys))
        }
        test = found
      }
      let (arguments, attribute, check) = (inner, path, test)
      guard try value.isTrue else { return .iterator(ValueIterator([])) }
      let source = try value.makeIterator()
      return .iterator(
        try ValueIterator(on: source) {
          while let next = try source.next() {
            let tested = try attribute?.value(of: next) ?? next
            if try check(tested, arguments) == keeps { return next }
          }
          return nil
        })
    }
  }
}
