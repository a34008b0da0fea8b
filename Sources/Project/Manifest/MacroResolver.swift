import OrderedCollections

/// Which macro a name means, seen from a package.
///
/// A plain name is looked up in the caller's own package, then in the root project, then in what comes with scv (the
/// engine's package before the general one). `package.name` looks into that package alone; `dbt.name` into everything
/// that comes with scv.
public struct MacroResolver: Sendable {
  /// The root project.
  public var rootPackage: String
  /// The packages that come with scv, most specific first: `dbt_sqlite`, `dbt`.
  public var builtinPackages: [String]
  /// Where `adapter.dispatch` looks, by namespace: `dispatch:` of the project file.
  public var dispatch: [String: [String]]
  /// The prefixes that `adapter.dispatch` tries, most specific first.
  public var dispatchPrefixes: [String]
  /// Packages that come with scv and complete an installed one: by that one's name.
  private var completions: [String: String] = [:]
  private var byPackage: [String: [String: String]] = [:]
  private var builtins: [String: String] = [:]

  /// A resolver that knows no macro yet.
  public init(
    rootPackage: String = "", builtinPackages: [String] = [], dispatch: [String: [String]] = [:], adapterType: String = "sqlite"
  ) {
    self.rootPackage = rootPackage
    self.builtinPackages = builtinPackages
    self.dispatch = dispatch
    dispatchPrefixes = [adapterType + "__", "default__"]
  }

  /// Adds a macro under its package and name.
  mutating func add(_ macro: ProjectMacro) {
    byPackage[macro.packageName, default: [:]][macro.name] = macro.uniqueID
    guard let rank = builtinPackages.firstIndex(of: macro.packageName) else { return }
    if let other = builtins[macro.name], let otherRank = builtinPackages.firstIndex(where: { byPackage[$0]?[macro.name] == other }),
      otherRank < rank
    {
      return
    }
    builtins[macro.name] = macro.uniqueID
  }

  /// Lets `dispatch` find the engine's implementations of `package` in `completion` where the package itself has none.
  mutating func complete(_ package: String, with completion: String) {
    completions[package] = completion
  }

  /// All packages that have macros.
  public var packages: [String] { byPackage.keys.sorted() }

  /// Whether a name is a package with macros, or the name of everything that comes with scv.
  public func isPackage(_ name: String) -> Bool { name == "dbt" || byPackage[name] != nil }

  /// The names of the macros of one package; of everything that comes with scv for `dbt`.
  public func names(in package: String) -> [String] {
    package == "dbt" ? Array(builtins.keys) : Array((byPackage[package] ?? [:]).keys)
  }

  /// Whether a unique id is that of a macro that comes with scv.
  public func isBuiltin(_ id: String) -> Bool {
    builtinPackages.contains { id.hasPrefix("macro.\($0).") } || completions.values.contains { id.hasPrefix("macro.\($0).") }
  }

  /// The unique id of the macro that a plain name means inside `package`.
  public func macro(named name: String, from package: String) -> String? {
    if !builtinPackages.contains(package), let id = byPackage[package]?[name] { return id }
    return byPackage[rootPackage]?[name] ?? builtins[name]
  }

  /// The unique id of `package.name`.
  public func macro(named name: String, in package: String) -> String? {
    package == "dbt" ? builtins[name] : byPackage[package]?[name]
  }

  /// The unique id of the macro that `adapter.dispatch(name, namespace)` means inside `package`; nil if there is none.
  public func dispatch(_ name: String, namespace: String?, from package: String) -> String? {
    for (prefix, place) in candidates(namespace) {
      let full = prefix + name
      if let id = place.map({ macro(named: full, in: $0) }) ?? macro(named: full, from: package) { return id }
    }
    return nil
  }

  /// The names that `dispatch` tries, for a message: `shop.sqlite__concat`.
  public func dispatchNames(_ name: String, namespace: String?) -> [String] {
    candidates(namespace).map { prefix, place in (place.map { $0 + "." } ?? "") + prefix + name }
  }

  private func candidates(_ namespace: String?) -> [(prefix: String, place: String?)] {
    var places: [String?] = [nil]
    if let namespace, let order = dispatch[namespace] {
      places = order
    } else if let namespace, namespace == rootPackage || isPackage(namespace) {
      places = namespace == rootPackage ? [rootPackage] : [rootPackage, namespace]
    }  // a namespace that is no package is none
    return places.flatMap { place in
      dispatchPrefixes.flatMap { prefix -> [(prefix: String, place: String?)] in
        guard prefix != "default__", let completion = place.flatMap({ completions[$0] }) else { return [(prefix, place)] }
        return [(prefix, place), (prefix, completion)]
      }
    }
  }

  /// The unique id of a generic test: in the package that was written, else as a plain name.
  public func genericTest(named name: String, namespace: String?, from package: String) -> String? {
    if let namespace { return macro(named: "test_" + name, in: namespace) }
    if let id = macro(named: "test_" + name, from: package) { return id }
    // Installed packages' tests answer to their plain names too.
    return byPackage.keys.sorted().lazy.compactMap { byPackage[$0]?["test_" + name] }.first
  }

  /// The unique id of a materialization: the engine's own before the general one, the root project's before a package's
  /// before scv's.
  public func materialization(named name: String) -> String? {
    let suffixes = dispatchPrefixes.map { String($0.dropLast(2)) }
    let packages = [rootPackage] + byPackage.keys.filter { $0 != rootPackage && !builtinPackages.contains($0) }.sorted() + builtinPackages
    for suffix in suffixes {
      for package in packages {
        if let id = byPackage[package]?["materialization_\(name)_\(suffix)"] { return id }
      }
    }
    return nil
  }
}
