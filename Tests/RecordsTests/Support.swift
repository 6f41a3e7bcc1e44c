import Records

func text(_ buffer: borrowing BatchBuffer) -> String {
  buffer.withPayload { String(decoding: $0, as: UTF8.self) }
}

/// Runs `body` on the bytes of a text in memory of exactly its size.
func withBytes<R, E: Error>(
  _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(E) -> R
) throws(E) -> R {
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
  defer { memory.deallocate() }
  memory.copyBytes(from: bytes)
  return try body(UnsafeRawBufferPointer(memory))
}

func withBytes<R, E: Error>(
  _ text: String, _ body: (UnsafeRawBufferPointer) throws(E) -> R
) throws(E) -> R {
  try withBytes(Array(text.utf8), body)
}
