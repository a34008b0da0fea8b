import Diagnostics
import FoundationEssentials
import Glibc
import Synchronization

/// A connector that runs as a child process: no input, its output as lines, its errors as a log.
///
/// It leads a process group of its own, so that whatever it starts can be ended with it.
final class ConnectorProcess: @unchecked Sendable {
  /// How a process ended.
  enum Ending: Equatable, CustomStringConvertible {
    /// By itself.
    case exit(Int32)
    /// By a signal.
    case signal(Int32)

    var isSuccess: Bool { self == .exit(0) }

    var description: String {
      switch self {
      case .exit(let code): "exit code \(code)"
      case .signal(let number): "signal \(number)\(strsignal(number).map { " (\(String(cString: $0)))" } ?? "")"
      }
    }
  }

  /// What it writes to standard output.
  let output: LinePipe
  private let pid: pid_t
  private let errors: NativeThread
  private let collected = Flag()
  private var isOver = false
  private var ending: Ending?

  /// Starts a connector.
  ///
  /// - Parameters:
  ///   - command: the program (a path) and its arguments.
  ///   - folder: where it runs.
  ///   - log: is given every line of its standard error, on a thread of its own.
  /// - Throws: `Diagnostic` (`connector.cannot-start`).
  init(_ command: [String], in folder: String, log: @escaping @Sendable (String) -> Void) throws {
    // One at a time: a connector that starts between the making of a pipe and its closing would keep it open.
    let (pid, code, outputEnd, errorEnd) = try ConnectorProcess.spawning.withLock { _ in
      let output = try ConnectorProcess.makePipe()
      let errors: (read: Int32, write: Int32)
      do { errors = try ConnectorProcess.makePipe() } catch {
        close(output.read)
        close(output.write)
        throw error
      }
      _ = fcntl(output.write, ConnectorProcess.setPipeSize, 1 << 20)  // fewer changes of context; a kernel that refuses keeps 64 KiB
      var (pid, code) = ConnectorProcess.spawn(command, folder, output.write, errors.write)
      // A program that somebody is just writing, an update for instance, will be ready in a moment.
      for _ in 0..<50 where code == ETXTBSY {
        usleep(20_000)
        (pid, code) = ConnectorProcess.spawn(command, folder, output.write, errors.write)
      }
      close(output.write)
      close(errors.write)
      return (pid, code, output.read, errors.read)
    }
    guard code == 0 else {
      close(outputEnd)
      close(errorEnd)
      throw Diagnostic(
        .connector, "connector.cannot-start", "the connector cannot be started", at: SourceLocation(file: command.first),
        hint: code == EACCES ? "make it executable: chmod +x" : code == ENOEXEC ? "is it for this machine, or a script without a first line '#!…'?" : nil,
        cause: String(cString: strerror(code)))
    }
    self.pid = pid
    ChildProcesses.add(pid)
    do {
      output = try LinePipe(reading: outputEnd)
      errors = try NativeThread.start { [collected] in ConnectorProcess.copyLines(from: errorEnd, until: collected, to: log) }
    } catch {
      kill(-pid, SIGKILL)
      ChildProcesses.remove(pid)
      waitpid(pid, nil, 0)
      throw error
    }
  }

  private static let spawning = Mutex(())
  /// `F_SETPIPE_SZ`, which Glibc's module does not show.
  private static let setPipeSize: Int32 = 1031

  private static func makePipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else {
      throw Diagnostic(
        .system, "system.no-pipe", "a pipe cannot be made", hint: "raise the limit of open files: ulimit -n", cause: String(cString: strerror(errno)))
    }
    return (ends[0], ends[1])
  }

  private static func spawn(_ command: [String], _ folder: String, _ output: Int32, _ errors: Int32) -> (pid_t, Int32) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, errors, 2)
    // A GNU extension that Glibc's module does not show.
    if let symbol = dlsym(nil, "posix_spawn_file_actions_addchdir_np") {
      typealias ChangeFolder = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, UnsafePointer<CChar>) -> Int32
      _ = unsafeBitCast(symbol, to: ChangeFolder.self)(&actions, folder)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, command.first ?? "", &actions, &attributes, &arguments, environ)
    return (pid, code)
  }

  private final class Flag: Sendable {
    let value = Atomic(false)
  }

  private static func copyLines(from descriptor: Int32, until over: Flag, to log: (String) -> Void) {
    defer { close(descriptor) }
    var line: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    func flush() {
      if !line.isEmpty { log(String(decoding: line, as: UTF8.self)) }
      line.removeAll(keepingCapacity: true)
    }
    // What it said before its end is still in the pipe; what a stray that outlives it goes on to say is not waited for.
    var late = 0
    while Descriptor.waitForInput(descriptor, while: { !over.value.load(ordering: .relaxed) }) || late < 1 << 20 && Descriptor.hasInput(descriptor) {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { break }
      if over.value.load(ordering: .relaxed) { late += count }
      for byte in chunk[..<count] {
        if byte == 10 { flush() } else if line.count < 16_384 { line.append(byte) }
      }
    }
    flush()
  }

  /// Whether it has ended by itself.
  ///
  /// It is not taken back yet: until then its number, which is also its group's, is nobody else's.
  var hasEnded: Bool {
    if !isOver {
      var end = siginfo_t()
      let result = waitid(P_PID, id_t(pid), &end, WEXITED | WNOHANG | WNOWAIT)
      isOver = result == 0 ? end._sifields._sigchld.si_pid == pid : errno != EINTR
    }
    return isOver
  }

  /// Ends it with all that it has started: politely, and after `grace` seconds by force.
  func terminate(grace: Double = 3) {
    guard ending == nil else { return }
    if !hasEnded { kill(-pid, SIGTERM) }
    let deadline = Clock.now + grace
    while !hasEnded && Clock.now < deadline { usleep(10_000) }
    kill(-pid, SIGKILL)
  }

  /// Waits for its end, and takes everything back. It should have closed its output; if it does not end within `grace` seconds
  /// then, it is ended.
  func finish(grace: Double = 30) -> Ending {
    if let ending { return ending }
    let deadline = Clock.now + grace
    var pause: UInt32 = 500
    while !hasEnded && Clock.now < deadline {
      usleep(pause)
      pause = min(20_000, pause * 2)
    }
    if !hasEnded { terminate() }
    // Something that it has left behind would keep the pipes open.
    kill(-pid, SIGKILL)
    ChildProcesses.remove(pid)
    let ending = ConnectorProcess.collect(pid)
    self.ending = ending
    output.close()
    collected.value.store(true, ordering: .relaxed)
    errors.join()
    return ending
  }

  private static func collect(_ pid: pid_t) -> Ending {
    var status: Int32 = 0
    var result: pid_t
    repeat { result = waitpid(pid, &status, 0) } while result < 0 && errno == EINTR
    guard result == pid else { return .exit(255) }
    return status & 0x7F == 0 ? .exit((status >> 8) & 0xFF) : .signal(status & 0x7F)
  }
}
