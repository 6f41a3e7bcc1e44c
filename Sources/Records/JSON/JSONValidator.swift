/// Checks that a text is one JSON value.
package enum JSONValidator {
  /// How deep arrays and objects may nest: each level is a stack frame of the walk.
  package static let depthLimit = 1000

  /// The first error of `text` by RFC 8259, or nil if it is JSON: one value of any type, with space around it.
  ///
  /// Leaves UTF-8 to ``UTF8/firstInvalid(in:)``.
  package static func firstError(in text: UnsafeRawBufferPointer) -> JSONSyntaxError? {
    var scanner = JSONScanner(text)
    scanner.skipWhitespace()
    if scanner.skipValue(depth: 0) {
      scanner.skipWhitespace()
      if scanner.position < scanner.count { _ = scanner.fail(.end) }
    }
    return scanner.failure
  }
}
