import CZlib
import Diagnostics

/// Compression into the gzip format (RFC 1952), piece by piece and without a time stamp: the same bytes in, the same bytes out.
final class GzipWriter {
  private var stream = z_stream()
  private var output: [UInt8] = []
  private var piece = [UInt8](repeating: 0, count: 64 << 10)

  /// - Throws: a `Diagnostic` of the code `sandbox.compression` if zlib refuses.
  init() throws {
    // 15 bits of window, plus 16 for the gzip wrapper.
    guard scv_deflate_init(&stream, 3, 15 + 16) == Z_OK else {
      throw Diagnostic(.system, "sandbox.compression", "zlib could not be started")
    }
  }

  deinit { deflateEnd(&stream) }

  /// Compresses further bytes.
  func write(_ bytes: [UInt8]) throws {
    try deflate(bytes, Z_NO_FLUSH)
  }

  /// Ends the file and returns the whole of it.
  func finish() throws -> [UInt8] {
    try deflate([], Z_FINISH)
    // A copy of just the size: what has grown by doubling would keep up to twice the memory.
    return output.withUnsafeBufferPointer { Array($0) }
  }

  private func deflate(_ bytes: [UInt8], _ flush: Int32) throws {
    var input = bytes
    try input.withUnsafeMutableBufferPointer { source in
      stream.next_in = source.baseAddress
      stream.avail_in = UInt32(source.count)
      defer { stream.next_in = nil }
      var isDone = false
      while !isDone {
        let (code, room) = piece.withUnsafeMutableBufferPointer { target in
          stream.next_out = target.baseAddress
          stream.avail_out = UInt32(target.count)
          return (CZlib.deflate(&stream, flush), Int(stream.avail_out))
        }
        // Z_BUF_ERROR says that there was nothing to do.
        guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
          throw Diagnostic(.system, "sandbox.compression", "zlib could not compress \(bytes.count) bytes", cause: "code \(code)")
        }
        output += piece[..<(piece.count - room)]
        isDone = flush == Z_FINISH ? code == Z_STREAM_END : room > 0
      }
    }
  }
}
