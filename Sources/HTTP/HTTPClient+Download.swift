import Diagnostics

extension HTTPClient {
  /// Hands the body of a successful answer to `sink`, piece by piece as it comes: for what is too large for memory.
  ///
  /// A download that breaks is resumed where it broke, by a byte range (RFC 9110, section 14) if the server knows ranges, else
  /// by skipping what has come already: `sink` sees every byte once. As long as each try brings bytes, tries do not run out.
  /// The body is not decoded: a file that lies there compressed arrives compressed.
  ///
  /// - Returns: the answer, with an empty body.
  /// - Throws: `HTTPFailure`, also (`http.changed-download`) if the file changed while it was downloaded; what `sink` throws.
  @discardableResult
  public func download(_ request: HTTPRequest, to sink: (UnsafeRawBufferPointer) throws -> Void) throws -> HTTPResponse {
    var delivered = 0
    var first: HTTPResponse?
    return try tryRepeatedly(request) { progress in
      var part = request
      if delivered > 0, let validator = first.flatMap(HTTPClient.validator) {
        part.headers["Range"] = "bytes=\(delivered)-"
        part.headers["If-Range"] = validator
      }
      var skip: Int?
      return try exchange(part) { head, bytes in
        if first == nil { first = head }
        let toSkip = try skip ?? self.overlap(head, after: delivered, first, request)
        skip = max(0, toSkip - bytes.count)
        guard bytes.count > toSkip else { return }
        try sink(UnsafeRawBufferPointer(rebasing: bytes[toSkip...]))
        delivered += bytes.count - toSkip
        progress()
      }
    }
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
