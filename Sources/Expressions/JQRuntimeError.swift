/// Why a program failed on a value: jq's words, which may quote the value, or the value given to `error`.
package struct JQRuntimeError: Error, Equatable, CustomStringConvertible {
  package let message: String

  package init(message: String) {
    self.message = message
  }

  package var description: String { message }
}
