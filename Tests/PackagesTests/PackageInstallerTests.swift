import DataFormats
import Diagnostics
import Foundation
import Project
import Testing

@testable import Packages

/// A project in a folder of its own, and a hub of its own.
private final class Ground {
  let path = NSTemporaryDirectory() + "scv-packages-" + UUID().uuidString
  let hub: FileServer
  var events: [String] = []

  init(_ packages: String) throws {
    hub = try FileServer()
    try write("project/dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: shop\n")
    try write("project/packages.yml", packages)
  }

  deinit {
    hub.stop()
    try? FileManager.default.removeItem(atPath: path)
  }

  func write(_ name: String, _ text: String) throws {
    let file = path + "/" + name
    try FileManager.default.createDirectory(atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try text.write(toFile: file, atomically: true, encoding: .utf8)
  }

  func read(_ name: String) -> String? { try? String(contentsOfFile: path + "/" + name, encoding: .utf8) }

  /// Puts versions of a package on the hub, each with what it asks for.
  func publish(_ name: String, _ versions: [(version: String, packages: JSON, requires: JSON)]) {
    var all: JSON = [:]
    let project = String(name.split(separator: "/").last ?? "")
    for (version, packages, requires) in versions {
      var archive = Archive()
      archive.add("\(project)-\(version)/dbt_project.yml", "name: \(project)\nversion: '\(version)'\n")
      hub["/\(project)-\(version).tar"] = archive.ended
      all[version] = [
        "name": .string(project), "packages": packages, "require_dbt_version": requires,
        "downloads": ["tarball": .string(hub.url + "\(project)-\(version).tar")],
      ]
    }
    hub["/api/v1/\(name).json"] = JSON.object(["name": .string(project), "versions": all]).utf8()
  }

  func run(_ mode: PackageInstaller.Mode = .install, checksVersions: Bool = true) throws {
    var load = LoadOptions(projectDirectory: path + "/project", environment: ["DBT_PACKAGE_HUB_URL": hub.url])
    load.checksVersions = checksVersions
    let (configuration, requests) = try ProjectLoader(load).loadProjectFile()
    events = []
    try PackageInstaller(configuration: configuration, requests: requests, load: load) { event in
      switch event {
      case .installing: break
      case .installed(let package): self.events.append("\(package.name) \(package.shownVersion)")
      case .locked: self.events.append("locked")
      case .warning(let warning): self.events.append(warning.code)
      }
    }.run(mode)
  }

  func problem(_ body: () throws -> Void) -> Diagnostic? {
    do {
      try body()
      return nil
    } catch {
      return error as? Diagnostic
    }
  }
}

@Suite("Installing packages")
struct PackageInstallerTests {
  @Test("The newest version that all who ask allow is installed, and pinned until something else is asked for")
  func hub() throws {
    let ground = try Ground("packages:\n  - package: o/outer\n    version: [\">=1.0.0\", \"<2.0.0\"]\n  - package: o/inner\n    version: [\">=0.1.0\"]\n")
    ground.publish("o/outer", [("1.0.0", [["package": "o/inner", "version": [">=0.1.0", "<0.3.0"]]], []), ("2.0.0", [], [])])
    ground.publish("o/inner", [("0.1.0", [], []), ("0.2.0", [], [">=1.0.0", "<2.0.0"]), ("0.3.0", [], []), ("0.2.5-rc1", [], [])])
    try ground.run()
    #expect(ground.events == ["locked", "outer version 1.0.0", "inner version 0.2.0"])
    #expect(ground.read("project/dbt_packages/inner/dbt_project.yml")?.contains("0.2.0") == true)
    #expect(
      ground.read("project/package-lock.yml")?.hasPrefix("packages:\n  - name: outer\n    package: o/outer\n    version: 1.0.0\n  - name: inner\n") == true)
    ground.publish("o/inner", [("0.2.0", [], []), ("0.2.9", [], [])])
    try ground.run()
    #expect(ground.events == ["outer version 1.0.0", "inner version 0.2.0"])
    try ground.run(.upgrade)
    #expect(ground.events == ["locked", "outer version 1.0.0", "inner version 0.2.9"])
  }

  @Test("A conflict, an unknown package and a version that is not there are told with their names")
  func conflicts() throws {
    let ground = try Ground("packages:\n  - package: o/outer\n    version: 1.0.0\n  - package: o/inner\n    version: 0.3.0\n")
    ground.publish("o/outer", [("1.0.0", [["package": "o/inner", "version": ["<0.3.0"]]], [])])
    ground.publish("o/inner", [("0.2.0", [], []), ("0.3.0", [], [">=9.0.0"])])
    let conflict = ground.problem { try ground.run() }
    #expect(conflict?.code == "packages.no-version")
    try ground.write("project/packages.yml", "packages:\n  - package: o/outer\n    version: 1.0.0\n  - package: o/inner\n    version: '>=0.3.0'\n")
    #expect(ground.problem { try ground.run(checksVersions: false) }?.message.contains("<0.3.0 (outer)") == true)
    try ground.write("project/packages.yml", "packages:\n  - package: o/inner\n    version: '0.3.0'\n")
    #expect(ground.problem { try ground.run() }?.code == "packages.no-version")
    try ground.run(checksVersions: false)
    #expect(ground.events.last == "inner version 0.3.0")
    ground.hub["/api/v1/index.json"] = JSON.array(["o/inner", "o/outer"]).utf8()
    try ground.write("project/packages.yml", "packages:\n  - package: o/iner\n    version: 0.3.0\n")
    #expect(ground.problem { try ground.run() }?.hint?.contains("o/inner") == true)
    #expect(ground.read("project/dbt_packages/inner/dbt_project.yml") != nil, "what was installed stays after a failure")
  }

  @Test("Archives are installed from a web server and from a file, with the right checksum only")
  func tarballs() throws {
    let ground = try Ground("")
    var archive = Archive()
    archive.add("thing-main/dbt_project.yml", "name: thing\n")
    ground.hub["/thing.tar"] = archive.ended
    try ground.write("project/packages.yml", "packages:\n  - tarball: \(ground.hub.url)thing.tar\n    name: thing\n")
    try ground.run()
    #expect(ground.read("project/dbt_packages/thing/dbt_project.yml") == "name: thing\n")
    try Data(archive.ended).write(to: URL(filePath: ground.path + "/thing.tar"))
    try ground.write("project/packages.yml", "packages:\n  - tarball: file://\(ground.path)/thing.tar\n    name: thing\n    sha256: '00'\n")
    let refused = try #require(ground.problem { try ground.run() })
    #expect(refused.code == "packages.checksum")
    let sum = String(try #require(refused.hint?.split(separator: " ").first { $0.count == 65 }).prefix(64))
    try ground.write("project/packages.yml", "packages:\n  - tarball: file://\(ground.path)/thing.tar\n    name: thing\n    sha256: '\(sum)'\n")
    try ground.run()
    #expect(ground.events.last?.hasPrefix("thing tarball") == true)
  }

  @Test("A folder is linked, whatever stood there; what it asks for is installed too")
  func local() throws {
    let ground = try Ground("packages:\n  - local: ../one\n")
    try ground.write("one/dbt_project.yml", "name: one\n")
    try ground.write("one/packages.yml", "packages:\n  - local: ../two\n")
    try ground.write("two/dbt_project.yml", "name: two\n")
    try ground.write("project/dbt_packages/old/dbt_project.yml", "name: old\n")
    try ground.run()
    #expect(try FileManager.default.contentsOfDirectory(atPath: ground.path + "/project/dbt_packages").sorted() == ["one", "two"])
    #expect(ground.read("project/dbt_packages/two/dbt_project.yml") == "name: two\n")
    #expect(try FileManager.default.contentsOfDirectory(atPath: ground.path + "/project").allSatisfy { !$0.contains(".scv-") })
  }

  @Test("Two packages of one name, and one of the project's own, are refused")
  func duplicates() throws {
    let ground = try Ground("packages:\n  - local: ../one\n  - local: ../two\n")
    try ground.write("one/dbt_project.yml", "name: same\n")
    try ground.write("two/dbt_project.yml", "name: same\n")
    #expect(ground.problem { try ground.run() }?.code == "packages.duplicate")
    try ground.write("two/dbt_project.yml", "name: shop\n")
    #expect(ground.problem { try ground.run() }?.code == "packages.duplicate")
  }

  @Test("An added package takes the place of the same one from elsewhere")
  func add() throws {
    let ground = try Ground("packages:\n  - git: https://example.com/o/dbt-things.git\n    revision: 1.0.0\n  - local: ../one\n")
    let removed = try PackagesFileEditor(root: ground.path + "/project").add("o/dbt_things", version: ">=1.0.0,<2.0.0", source: "hub")
    #expect(removed.count == 1)
    #expect(
      ground.read("project/packages.yml") == """
        packages:
          - local: ../one
          - package: o/dbt_things
            version:
              - '>=1.0.0'
              - <2.0.0

        """)
  }

  @Test("An entry with an unknown key, or without a version, is told with its place")
  func malformed() throws {
    let ground = try Ground("packages:\n  - package: o/a\n    verison: 1.0.0\n")
    let problem = try #require(ground.problem { try ground.run() })
    #expect(problem.code == "packages.malformed" && problem.location?.line == 3 && problem.hint?.contains("version") == true)
    try ground.write("project/packages.yml", "packages:\n  - package: o/a\n")
    #expect(ground.problem { try ground.run() }?.code == "packages.malformed")
  }
}
