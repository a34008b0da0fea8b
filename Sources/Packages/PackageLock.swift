import Crypto
import DataFormats
import FoundationEssentials
import Project

/// `package-lock.yml` as dbt writes it: what was installed for which requests.
struct PackageLock {
  static let fileName = "package-lock.yml"

  /// The file's text for `packages`, made for `requests`. Values of secret variables (`DBT_ENV_SECRET…`) do not get in.
  static func text(_ packages: [PinnedPackage], requests: [PackageRequest], environment: [String: String]) -> String {
    let value: JSON = ["packages": .array(packages.map(\.lockEntry)), "sha1_hash": .string(hash(of: requests))]
    var text = value.yaml()
    for (name, secret) in environment where name.hasPrefix("DBT_ENV_SECRET") && !secret.isEmpty { text = text.replacing(secret, with: "*****") }
    return text
  }

  /// What tells whether a lock file was made for these requests: the SHA-1 of their sorted texts, each the JSON of all fields
  /// that dbt's own record of it has.
  static func hash(of requests: [PackageRequest]) -> String {
    let texts = requests.compactMap(record).map(canonical).sorted()
    let digest = Insecure.SHA1.hash(data: Array(texts.joined(separator: "\n").utf8))
    return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func record(_ request: PackageRequest) -> JSON? {
    func field(_ name: String) -> JSON { request.entry[name] ?? .null }
    var record: JSON
    switch request.source {
    case .hub: record = ["package": field("package"), "version": field("version"), "install_prerelease": request.entry["install_prerelease"] ?? false]
    case .git:
      record = [
        "git": field("git"), "revision": field("revision"), "subdirectory": field("subdirectory"),
        "warn-unpinned": request.entry["warn-unpinned"] ?? field("warn_unpinned"),
      ]
    case .local: record = ["local": field("local")]
    case .tarball: record = ["tarball": field("tarball")]
    case .restricted:
      record = [
        "private": field("private"), "provider": field("provider"), "revision": field("revision"), "subdirectory": field("subdirectory"),
        "warn-unpinned": request.entry["warn-unpinned"] ?? field("warn_unpinned"),
      ]
    case .project: return nil
    }
    record["unrendered"] = request.unrendered
    if let name = request.entry["name"], !name.isNull { record["name"] = name }
    return record
  }

  /// JSON with sorted keys, a blank behind commas and colons, and nothing but ASCII.
  private static func canonical(_ value: JSON) -> String {
    switch value {
    case .object(let members):
      return "{" + members.keys.sorted().map { quoted($0) + ": " + canonical(members[$0] ?? .null) }.joined(separator: ", ") + "}"
    case .array(let elements): return "[" + elements.map(canonical).joined(separator: ", ") + "]"
    case .string(let text): return quoted(text)
    case .number(let text): return Double(text).map { "\($0)" } ?? text
    default: return value.text()
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = ""
    for unit in JSON.string(text).text().utf16 {
      if unit < 0x7F, let scalar = Unicode.Scalar(unit) {
        result.unicodeScalars.append(scalar)
      } else {
        let digits = String(unit, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    return result
  }
}
