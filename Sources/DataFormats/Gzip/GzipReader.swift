import CZlib
import Diagnostics

/// Unpacks gzip (RFC 1952, https://www.rfc-editor.org/rfc/rfc1952) from chunks of bytes, in constant memory.
///
/// Several members one after the other are one stream, as `gzip -d` has it. Not thread-safe.
public final class GzipReader {
  /// zlib keeps a pointer back to its stream: it must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private let output: UnsafeMutableRawBufferPointer
  private var isInsideMember = false
  /// Zeros and other padding may follow the last member.
  private var isPadding = false
  private var membersRead = 0

  /// A reader at the beginning of a stream.
  public init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    output = .allocate(byteCount: 256 << 10, alignment: 16)
    // 15 bits of window, and 16 for the gzip wrapping (zlib.h at inflateInit2); fails only without memory, which inflate tells.
    _ = scv_inflate_init(stream, 15 + 16)
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    output.deallocate()
  }

  /// Whether bytes begin like a gzip stream does.
  public static func isGzip(_ bytes: some Collection<UInt8>) -> Bool {
    bytes.count >= 2 && bytes.prefix(2).elementsEqual([0x1F, 0x8B])
  }

  /// Takes the next bytes of the stream, and calls `sink` with what they unpack to, piece by piece.
  ///
  /// - Throws: `Diagnostic` (`gzip.malformed`), and what `sink` throws.
  public func read(_ chunk: UnsafeRawBufferPointer, _ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
    stream.pointee.next_in = UnsafeMutablePointer(mutating: chunk.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(chunk.count)
    defer {
      stream.pointee.next_in = nil
      stream.pointee.avail_in = 0
    }
    var isFull = false
    while (stream.pointee.avail_in > 0 || isFull) && !isPadding {
      if !isInsideMember {
        if membersRead > 0, stream.pointee.next_in[0] != 0x1F {
          isPadding = true
          return
        }
        inflateReset(stream)
        isInsideMember = true
      }
      stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(output.count)
      let code = inflate(stream, Z_NO_FLUSH)
      let made = output.count - Int(stream.pointee.avail_out)
      if made > 0 { try sink(UnsafeRawBufferPointer(rebasing: output[0..<made])) }
      isFull = stream.pointee.avail_out == 0
      switch code {
      case Z_STREAM_END:
        isInsideMember = false
        isFull = false
        membersRead += 1
      case Z_OK:
        break
      case Z_BUF_ERROR where made == 0:
        return  // all taken, nothing left to give
      default:
        throw Diagnostic(
          .parsing, "gzip.malformed", "this is not valid gzip", hint: "check the file with `gzip -t`",
          cause: stream.pointee.msg.map { String(cString: $0) })
      }
    }
  }

  /// Tells that no more bytes come.
  ///
  /// - Throws: `Diagnostic` (`gzip.truncated`) if the stream has not reached its end.
  public func finish() throws {
    guard isInsideMember || membersRead == 0 else { return }
    throw Diagnostic(
      .parsing, "gzip.truncated", "the gzip data ends too early", hint: "the file was not copied whole, or is still being written")
  }
}
