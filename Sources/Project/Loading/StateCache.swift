import Crypto
import DataFormats
import OrderedCollections

/// The partial state of one loading: read before, written after.
struct StateCache {
  /// What is known from before.
  let state: PartialState
  private let path: String
  private let fingerprint: String

  /// The state that fits; nil if none is to be kept.
  ///
  /// - Parameter macros: the files that define macros, read.
  init?(
    _ options: LoadOptions, _ root: ProjectConfiguration, _ packages: OrderedDictionary<String, ProjectConfiguration>, _ profile: Profile,
    _ vars: [String: OrderedDictionary<String, JSON>], _ macros: [Intake]
  ) {
    guard options.keepsState, root.flags["partial_parse"]?.bool ?? true else { return nil }
    path = FileReader.join(FileReader.join(root.root, options.targetPath ?? root.targetPath), PartialState.fileName)
    fingerprint = StateCache.fingerprint(options, root, packages, profile, vars, macros)
    state = PartialState.read(path, fingerprint: fingerprint)
  }

  /// Keeps what was found out now, if that is anything new.
  func update(_ files: [Intake], _ builder: ManifestBuilder) {
    let kept = files.filter { $0.origin.kind == .properties && $0.key != nil }
    let isSame =
      !builder.hasNewReadings && builder.readings.count == state.readings.count && kept.count == state.documents.count
      && kept.allSatisfy { state.documents[$0.origin.displayPath]?.key == $0.key }
    guard !isSame else { return }
    var next = PartialState()
    next.readings = builder.readings
    for file in kept {
      guard let key = file.key, let document = file.document else { continue }
      next.documents[file.origin.displayPath] = StoredDocument(key: key, value: document.value, marksData: document.marksData)
    }
    next.write(path, fingerprint: fingerprint)
  }

  /// A digest of all that readings depend on beside texts, environment variables and flags: macros, project files, variables, target.
  private static func fingerprint(
    _ options: LoadOptions, _ root: ProjectConfiguration, _ packages: OrderedDictionary<String, ProjectConfiguration>, _ profile: Profile,
    _ vars: [String: OrderedDictionary<String, JSON>], _ macros: [Intake]
  ) -> String {
    var digest = SHA256()
    func add(_ text: String) {
      digest.update(data: Array(text.utf8))
      digest.update(data: [0])
    }
    // Another build of scv may read the same text in another way.
    add(FileReader.stamp("/proc/self/exe"))
    for package in options.builtins {
      add(package.name)
      for file in package.files { add(file.source) }
    }
    for package in packages.values {
      add(package.name)
      add((try? FileReader.text(package.root + "/dbt_project.yml")) ?? "")
      add(JSON.object(vars[package.name] ?? [:]).text(sorted: true))
    }
    add(root.dispatch.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.joined(separator: ","))" }.joined(separator: ";"))
    add(JSON.object(profile.target).text(sorted: true))
    for text in [profile.type, profile.schema, profile.database, options.globals.keys.sorted().joined(separator: ",")] { add(text) }
    for file in macros {
      add(file.origin.package + " " + file.origin.displayPath)
      add(file.source)
    }
    return PureFunctions.hexadecimal(digest.finalize())
  }
}
