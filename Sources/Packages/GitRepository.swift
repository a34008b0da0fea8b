import Diagnostics
import FoundationEssentials
@preconcurrency import Glibc

/// A clone of a git repository, made with the program `git`.
struct GitRepository {
  /// The folder it lies in.
  let folder: String

  /// Clones what `revision` (a branch, a tag, a commit; nil for the default branch) names, without history where the server
  /// lets it.
  ///
  /// - Parameters:
  ///   - url: the address, which may hold a secret.
  ///   - shown: what is shown of it.
  /// - Throws: `Diagnostic` (`packages.git`).
  static func clone(_ url: String, revision: String?, into folder: String, shown: String) throws -> GitRepository {
    for text in [url, revision ?? ""] where text.hasPrefix("-") {
      throw Diagnostic(.configuration, "packages.git", "'\(shown)' is not an address or a revision", at: SourceLocation(file: "packages.yml"))
    }
    let repository = GitRepository(folder: folder)
    let fetches = [["fetch", "--quiet", "--depth", "1", url, revision ?? "HEAD"], ["fetch", "--quiet", "--tags", url, "+refs/heads/*:refs/remotes/origin/*"]]
    var words = ""
    for (index, fetch) in fetches.enumerated() {
      try? FileManager.default.removeItem(atPath: folder)
      _ = try repository.git(["init", "--quiet", folder])
      let fetched = try repository.git(["-C", folder] + fetch)
      words = fetched.words
      guard fetched.isFine else { continue }
      let heads = index == 0 ? ["FETCH_HEAD"] : [revision ?? "FETCH_HEAD", "origin/" + (revision ?? "HEAD")]
      for head in heads {
        let checkout = try repository.git(["-C", folder, "checkout", "--quiet", "--detach", head])
        if checkout.isFine { return repository }
        words = checkout.words
      }
    }
    let lines = words.replacing(url, with: shown).split(separator: "\n").map(String.init)
    let cause = lines.first { $0.hasPrefix("fatal: ") || $0.hasPrefix("error: ") } ?? lines.last
    throw Diagnostic(
      .system, "packages.git", "git could not get '\(shown)'\(revision.map { " at revision '\($0)'" } ?? "")",
      at: SourceLocation(file: "packages.yml"), hint: "check the address and the revision", cause: cause)
  }

  /// The commit that is checked out.
  ///
  /// - Throws: `Diagnostic` (`packages.git`).
  func commit() throws -> String {
    let head = (try? String(contentsOfFile: folder + "/.git/HEAD", encoding: .utf8))?.filter { !$0.isWhitespace } ?? ""
    guard head.count >= 40, head.allSatisfy(\.isHexDigit) else {
      throw Diagnostic(.system, "packages.git", "git left no commit checked out", at: SourceLocation(file: folder))
    }
    return head
  }

  /// Runs git, asking nobody for a password.
  private func git(_ arguments: [String]) throws -> (isFine: Bool, words: String) {
    let log = folder + ".log"
    defer { unlink(log) }
    var words: [UnsafeMutablePointer<CChar>?] = (["git"] + arguments).map { strdup($0) } + [nil]
    let variables = ProcessInfo.processInfo.environment.merging(["GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"]) { $1 }
    var environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { for word in words + environment { free(word) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var child = pid_t()
    let code = posix_spawnp(&child, "git", &actions, nil, &words, &environment)
    guard code == 0 else {
      throw Diagnostic(.system, "packages.git", "git cannot be run", hint: "install git", cause: String(cString: strerror(code)))
    }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return (status == 0, (try? String(contentsOfFile: log, encoding: .utf8)) ?? "")
  }
}
