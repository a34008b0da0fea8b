import DataFormats
import Project
import Testing

@testable import Packages

@Suite("The lock file")
struct PackageLockTests {
  private func request(_ entry: JSON) throws -> PackageRequest {
    try #require(PackageRequest(entry: entry, unrendered: entry))
  }

  @Test("The hash of the requests is the one that dbt writes")
  func hash() throws {
    #expect(PackageLock.hash(of: [try request(["local": "../"])]) == "de2deba3d66ce03d8c02949013650cc9b94f6030")
    let several = [
      try request(["package": "dbt-labs/dbt_utils", "version": "1.3.3"]),
      try request(["package": "godatadriven/dbt_date", "version": "0.17.1"]),
      try request(["git": "https://github.com/dbt-labs/dbt-audit-helper.git", "revision": "main"]),
    ]
    #expect(PackageLock.hash(of: several) == PackageLock.hash(of: several.reversed()))
    #expect(PackageLock.hash(of: several) != PackageLock.hash(of: Array(several.dropLast())))
  }

  @Test("An entry holds what dbt's holds, its keys in order, and no secret")
  func text() throws {
    let git = try request(["git": "https://s3cret@host/a.git", "revision": "1.0"])
    let package = PinnedPackage(source: .git(url: "https://s3cret@host/a.git", revision: "12345678", subdirectory: "x"), name: "a", request: git)
    let hub = PinnedPackage(source: .hub(name: "o/b", version: "1.0.0"), name: "b", request: try request(["package": "o/b", "version": "1.0.0"]))
    let text = PackageLock.text([package, hub], requests: [git], environment: ["DBT_ENV_SECRET_TOKEN": "s3cret"])
    #expect(
      text.hasPrefix(
        """
        packages:
          - git: https://*****@host/a.git
            name: a
            revision: '12345678'
            subdirectory: x
          - name: b
            package: o/b
            version: 1.0.0
        sha1_hash:
        """))
  }
}

@Suite("Versions of packages")
struct VersionRangeTests {
  @Test(
    "A range allows what dbt's rules allow",
    arguments: [
      ([">=1.0.0", "<2.0.0"], "1.9.9", true), ([">=1.0.0", "<2.0.0"], "2.0.0", false), ([">=1.0.0", "<2.0.0"], "2.0.0-rc1", false),
      ([">=1.0.0-b1"], "1.0.0-b2", true), (["1.2.3"], "1.2.3", true), (["=1.2.3"], "1.2.4", false), ([">1.0.0"], "1.0.0", false),
      ([">=1.0.0,<=1.1.0"], "1.1.0", true), ([">=1.9.0"], "1.10.0", true), ([], "0.0.1", true), (["<1.0.0"], "1.0.0-alpha", false),
    ])
  func contains(texts: [String], version: String, allowed: Bool) throws {
    let range = try #require(VersionRange(texts))
    #expect(range.contains(try #require(SemanticVersion(version))) == allowed)
  }

  @Test("Prereleases come before their release, numbers among them by value")
  func order() throws {
    let texts = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.10.0"]
    let versions = try texts.map { try #require(SemanticVersion($0)) }
    #expect(versions.shuffled().sorted().map(\.description) == texts)
  }

  @Test(
    "A range that nothing can be in is told apart",
    arguments: [(["<1.0.0", ">=2.0.0"], false), (["1.0.0", ">1.0.0"], false), ([">=1.0.0", "<=1.0.0"], true)])
  func satisfiable(texts: [String], expected: Bool) throws {
    #expect(try #require(VersionRange(texts)).isSatisfiable == expected)
  }

  @Test("What has not three numbers is no version", arguments: ["1", "1.0", "01.0.0", "1.0.0.0", "a.b.c", "", "1.0.0-", "1.0.0-é"])
  func malformed(text: String) {
    #expect(SemanticVersion(text) == nil)
  }
}
