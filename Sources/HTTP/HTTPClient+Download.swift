import Diagnostics

extension HTTPClient {
  /// Hands the body of a successful answer to `sink`, piece by piece as it comes: for what is too large for memory.
  ///
  /// A download that breaks is resumed where it broke, by a byte range (RFC 9110, section 14) if the server knows ranges, else
  /// by skipping what has come already: `sink` sees every byte once. As long as each try brings bytes, tries do not run out.
  /// The body is not decoded: a file that lies there compressed arrives compressed.
  ///
  /// - Parameter size: how many bytes the file has, if that is known from elsewhere; an answer that ends before counts as broken.
  /// - Returns: the answer, with an empty body.
  /// - Throws: `HTTPFailure`, also (`http.changed-download`) if the file changed while it was downloaded; what `sink` throws.
  @discardableResult
  public func download(
    _ request: HTTPRequest, expecting size: Int64? = nil, to sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> HTTPResponse {
    var delivered = 0
    var first: HTTPResponse?
    return try withoutActuallyEscaping(sink) { sink in
      try tryRepeatedly(request) { progress in
        var part = request
        if delivered > 0, let validator = first.flatMap(HTTPClient.validator) {
          part.headers["Range"] = "bytes=\(delivered)-"
          part.headers["If-Range"] = validator
        }
        var skip: Int?
        let response = try exchange(part) { head, bytes in
          if first == nil { first = head }
          let toSkip = try skip ?? self.overlap(head, after: delivered, first, request)
          skip = max(0, toSkip - bytes.count)
          guard bytes.count > toSkip else { return }
          try sink(UnsafeRawBufferPointer(rebasing: bytes[toSkip...]))
          delivered += bytes.count - toSkip
          progress()
        }
        if let size, delivered < size { throw incomplete(request, delivered, of: size) }
        return response
      }
    }
  }

  private func incomplete(_ request: HTTPRequest, _ delivered: Int, of size: Int64) -> HTTPFailure {
    HTTPFailure(
      .transfer,
      diagnostic: redactor.redact(
        Diagnostic(.connector, "http.incomplete-download", "\(URLText.shown(request.url)) ended after \(delivered) of \(size) bytes")))
  }

  /// How many bytes of a further answer have been delivered already.
  private func overlap(_ head: HTTPResponse, after delivered: Int, _ first: HTTPResponse?, _ request: HTTPRequest) throws -> Int {
    guard delivered > 0, let first else { return 0 }
    let isSame = HTTPClient.validator(head) == HTTPClient.validator(first)
    if isSame && head.status == 206 && (head.headers["Content-Range"] ?? "").hasPrefix("bytes \(delivered)-") { return 0 }
    if isSame && head.status == 200 && head.headers["Content-Length"] == first.headers["Content-Length"] { return delivered }
    throw HTTPFailure(
      .request, response: head,
      diagnostic: redactor.redact(
        Diagnostic(
          .connector, "http.changed-download", "\(URLText.shown(request.url)) changed while it was downloaded",
          hint: "run again; the next run reads the new version from the beginning")))
  }

  /// What tells two versions of a file apart: a strong entity tag, else the time of the last change.
  private static func validator(_ response: HTTPResponse) -> String? {
    if let tag = response.headers["ETag"], !tag.hasPrefix("W/") { return tag }
    return response.headers["Last-Modified"]
  }
}
