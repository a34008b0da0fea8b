import DataFormats
import Diagnostics
import Foundation
import Testing

@testable import Packages

@Suite("Archives of packages")
struct ArchiveUnpackerTests {
  private let folder = NSTemporaryDirectory() + "scv-archive-" + UUID().uuidString

  private func unpack(_ archive: Archive) throws {
    try ArchiveUnpacker.unpack(archive.ended, into: folder + "/inside")
  }

  private func text(_ path: String) -> String? {
    try? String(contentsOfFile: folder + "/inside/" + path, encoding: .utf8)
  }

  @Test("Files, folders, links and long names are unpacked")
  func unpacksAll() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let long = String(repeating: "deep/", count: 40) + "file.sql"
    var archive = Archive()
    archive.add("p/", type: "5")
    archive.add("p/dbt_project.yml", "name: p\n")
    archive.addExtended("p/" + long, "select 1")
    archive.add("././@LongLink", "p/" + long + "2\u{0}", type: "L")
    archive.add("p/short", "select 2")
    archive.add("p/link.yml", type: "2", link: "dbt_project.yml")
    archive.add("p/hard.yml", type: "1", link: "p/dbt_project.yml")
    try unpack(archive)
    #expect(text("p/dbt_project.yml") == "name: p\n")
    #expect(text("p/" + long) == "select 1")
    #expect(text("p/" + long + "2") == "select 2")
    #expect(text("p/link.yml") == "name: p\n")
    #expect(text("p/hard.yml") == "name: p\n")
  }

  @Test(
    "A path that leads out of the folder is refused, and writes nothing there",
    arguments: ["../evil", "/tmp/scv-evil", "p/../../evil", "p/./../../evil"])
  func refusesPaths(path: String) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var archive = Archive()
    archive.add("p/dbt_project.yml", "name: p\n")
    archive.add(path, "evil")
    #expect(throws: Diagnostic.self) { try unpack(archive) }
    #expect(!FileManager.default.fileExists(atPath: folder + "/evil") && !FileManager.default.fileExists(atPath: "/tmp/scv-evil"))
  }

  @Test("Links that lead out, and files behind links, are refused")
  func refusesLinks() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (path, target, type) in [
      ("p/l", "/etc/passwd", "2"), ("p/l", "../../x", "2"), ("p/l", "a/../../..", "2"), ("l", "..", "2"), ("p/l", "../../x", "1"),
      ("p/l", "/etc/hostname", "1"),
    ] as [(String, String, Character)] {
      var archive = Archive()
      archive.add("p/dbt_project.yml", "name: p\n")
      archive.add(path, type: type, link: target)
      #expect(throws: Diagnostic.self, "\(path) -> \(target)") { try unpack(archive) }
    }
    var archive = Archive()
    archive.add("p/here", type: "2", link: ".")
    archive.add("p/here/up", type: "2", link: "..")
    #expect(throws: Diagnostic.self) { try unpack(archive) }
  }

  @Test("A damaged archive is told, wherever it is cut and whatever byte is wrong")
  func damaged() throws {
    var archive = Archive()
    archive.add("p/a.sql", String(repeating: "x", count: 700))
    archive.addExtended("p/b.sql", "y")
    for length in stride(from: 1, to: archive.bytes.count, by: 37) where length % 512 != 0 || length == 1024 {
      #expect(throws: Diagnostic.self, "cut at \(length)") { _ = try TarReader.entries(Array(archive.bytes.prefix(length))).count }
    }
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2_000 {
      var bytes = archive.ended
      for _ in 0..<Int.random(in: 1...4, using: &random) { bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random) }
      _ = try? TarReader.entries(bytes)
    }
  }
}
