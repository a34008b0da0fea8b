import FoundationEssentials
import Glibc

/// Something that is told once and then again only when it has changed: a sync that runs every night need not repeat it.
///
/// What was told stands in a file in the project's folder `.scv`; where it cannot be written, it is told again.
struct Notice {
  private let folder: String
  private let file: String

  /// - Parameter topic: what it is about, a word.
  init(_ topic: String, connection: String, projectFolder: String) {
    folder = projectFolder + "/.scv"
    file = folder + "/" + StoredConfiguration.fileName(connection) + "." + topic
  }

  /// Notes that `text` holds now; an empty one is that there is nothing to tell.
  ///
  /// - Returns: whether it is to be told.
  func isNew(_ text: String) -> Bool {
    let known = FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) }
    guard known ?? "" != text else { return false }
    guard !text.isEmpty else {
      unlink(file)
      return false
    }
    do {
      if mkdir(folder, 0o700) == 0 { try PrivateFile.write(Array("*\n".utf8), to: folder + "/.gitignore") }
      try PrivateFile.write(Array(text.utf8), to: file)
    } catch {}
    return true
  }
}
