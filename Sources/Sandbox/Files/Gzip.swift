import CZlib
import Diagnostics

/// Compression into the gzip format (RFC 1952), without a time stamp: the same bytes in, the same bytes out.
enum Gzip {
  /// - Throws: a `Diagnostic` of the code `sandbox.compression` if zlib refuses.
  static func compress(_ bytes: [UInt8]) throws -> [UInt8] {
    var stream = z_stream()
    // 15 bits of window, plus 16 for the gzip wrapper.
    guard scv_deflate_init(&stream, 3, 15 + 16) == Z_OK else {
      throw Diagnostic(.system, "sandbox.compression", "zlib could not be started")
    }
    defer { deflateEnd(&stream) }
    let bound = Int(deflateBound(&stream, UInt(bytes.count)))
    var input = bytes
    var failure: Int32 = Z_OK
    let output = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      input.withUnsafeMutableBufferPointer { source in
        stream.next_in = source.baseAddress
        stream.avail_in = UInt32(source.count)
        stream.next_out = buffer.baseAddress
        stream.avail_out = UInt32(bound)
        failure = deflate(&stream, Z_FINISH)
        count = bound - Int(stream.avail_out)
      }
    }
    guard failure == Z_STREAM_END else {
      throw Diagnostic(.system, "sandbox.compression", "zlib could not compress \(bytes.count) bytes", cause: "code \(failure)")
    }
    return output
  }
}
