import Expressions

/// A jq program that says which records are shown, run in the reader's own process.
package final class TapFilter {
  private var program: JQProgram
  private var parser = JSONParser()
  /// Records for which it failed, and how it failed first.
  private(set) var failures: UInt64 = 0
  private(set) var firstFailure: String?

  package init(_ text: String) throws(JQCompileError) { program = try JQProgram(text) }

  /// Whether its first result is true; of a record for which it fails, no.
  func keeps(_ record: UnsafeRawBufferPointer) -> Bool {
    do {
      return try program.isTrue(of: parser.parse(record))
    } catch {
      failures += 1
      if firstFailure == nil { firstFailure = "\(error)" }
      return false
    }
  }
}
