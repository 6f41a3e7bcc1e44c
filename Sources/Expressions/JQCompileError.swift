/// What is wrong with a program, and where.
package struct JQCompileError: Error, Equatable, CustomStringConvertible {
  /// What is wrong and, where known, what would be right. One line.
  package let message: String
  /// Where, in bytes of UTF-8 from the start of the program.
  package let offset: Int

  package init(message: String, offset: Int) {
    self.message = message
    self.offset = offset
  }

  package var description: String { "byte \(offset): \(message)" }
}
