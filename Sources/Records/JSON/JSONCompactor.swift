/// Leaves out the space between the tokens of a JSON text.
package enum JSONCompactor {
  /// Appends valid JSON `text` without space outside its strings, so that it fits on a line.
  package static func append(_ text: UnsafeRawBufferPointer, into buffer: inout BatchBuffer) {
    var index = 0
    var kept = 0
    while index < text.count {
      let byte = text[index]
      if byte == 0x22 {
        index = stringEnd(text, index)
      } else if byte <= 0x20 {
        buffer.append(text.bytes(kept..<index))
        index += 1
        kept = index
      } else {
        index += 1
      }
    }
    buffer.append(text.bytes(kept..<text.count))
  }

  private static func stringEnd(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int {
    var index = start + 1
    while index < text.count && text[index] != 0x22 { index += text[index] == 0x5C ? 2 : 1 }
    return min(index + 1, text.count)
  }
}
