#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Growable memory of one batch: `[headroom | payload | padding]`.
///
/// The headroom is for a header that is written last; the padding is at least ``padding`` readable bytes, for
/// parsers that load whole vectors. The memory comes from `malloc`, so that its owner may be another library
/// (ZeroMQ) after ``release()``. Running out of memory ends the process.
package struct BatchBuffer: ~Copyable {
  /// Bytes behind the payload that may be read.
  package static let padding = 64

  @usableFromInline var memory: UnsafeMutableRawPointer
  package let headroom: Int
  /// Payload bytes.
  package internal(set) var count: Int
  /// Payload bytes that fit without growing.
  package private(set) var capacity: Int

  package init(headroom: Int = 0, capacity: Int) {
    precondition(headroom >= 0 && capacity >= 0)
    self.headroom = headroom
    self.capacity = capacity
    count = 0
    memory = Self.allocated(malloc(headroom + capacity + Self.padding), headroom + capacity)
    memset(memory, 0, headroom)
  }

  deinit { free(memory) }

  private static func allocated(_ memory: UnsafeMutableRawPointer?, _ size: Int) -> UnsafeMutableRawPointer {
    guard let memory else { fatalError("out of memory: a batch needs \(size) bytes") }
    return memory
  }

  /// Start of the payload.
  @inline(__always) var start: UnsafeMutableRawPointer { memory + headroom }

  /// Makes room for `extra` bytes more; the memory doubles, so that growing costs a constant a byte.
  @inline(__always)
  package mutating func reserve(_ extra: Int) {
    if extra > capacity &- count { grow(extra) }
  }

  @inline(never)
  private mutating func grow(_ extra: Int) {
    let wanted = max(count + extra, capacity * 2, 256)
    memory = Self.allocated(realloc(memory, headroom + wanted + Self.padding), headroom + wanted)
    capacity = wanted
  }

  @inline(__always)
  package mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, bytes.count > 0 else { return }
    reserve(bytes.count)
    memcpy(start + count, source, bytes.count)
    count &+= bytes.count
  }

  @inline(__always)
  package mutating func append(_ byte: UInt8) {
    reserve(1)
    (start + count).storeBytes(of: byte, as: UInt8.self)
    count &+= 1
  }

  package mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { append(UnsafeRawBufferPointer($0)) }
  }

  package mutating func append(contentsOf text: String) {
    var text = text
    text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  /// Appends ``padding`` zeros to the payload, so that what is appended next does not spoil it.
  package mutating func appendPadding() {
    reserve(Self.padding)
    memset(start + count, 0, Self.padding)
    count &+= Self.padding
  }

  /// Lets `body` write into at least `minimum` bytes of spare memory; it says how many it wrote.
  ///
  /// For `read` and its kind. Nothing is appended if `body` throws.
  @discardableResult
  package mutating func appendUsingSpare<E: Error>(
    minimum: Int, _ body: (UnsafeMutableRawBufferPointer) throws(E) -> Int
  ) throws(E) -> Int {
    reserve(minimum)
    let spare = UnsafeMutableRawBufferPointer(start: start + count, count: capacity - count)
    let written = try body(spare)
    precondition(written >= 0 && written <= spare.count, "wrote more than the spare memory")
    count += written
    return written
  }

  package mutating func truncate(to length: Int) {
    precondition(length >= 0 && length <= count)
    count = length
  }

  /// Drops the first `length` bytes of the payload; the rest moves to its start.
  ///
  /// For a source that has sent the complete records of a read and keeps the incomplete one.
  package mutating func removeFirst(_ length: Int) {
    precondition(length >= 0 && length <= count)
    count -= length
    memmove(start, start + length, count)
  }

  /// Makes blanks of the line feeds from a place on: in a JSON text they are no more than that, and a record ends
  /// at one.
  package mutating func replaceLineFeeds(from offset: Int) {
    var from = offset
    while let found = Newlines.first(in: UnsafeRawBufferPointer(start: start, count: count), from: from) {
      (start + found).storeBytes(of: 0x20, as: UInt8.self)
      from = found + 1
    }
  }

  /// Empties the payload; the memory stays.
  package mutating func removeAll() { count = 0 }

  /// The payload; the zeroed padding behind it may be read too.
  package func withPayload<R: ~Copyable, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    memset(start + count, 0, Self.padding)
    return try body(UnsafeRawBufferPointer(start: start, count: count))
  }

  package mutating func withHeadroom<R: ~Copyable, E: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try body(UnsafeMutableRawBufferPointer(start: memory, count: headroom))
  }

  /// Gives the memory away: headroom, payload and ``padding`` zeros. The caller frees it with `free`.
  package consuming func release() -> UnsafeMutableRawBufferPointer {
    memset(start + count, 0, Self.padding)
    let whole = UnsafeMutableRawBufferPointer(start: memory, count: headroom + count + Self.padding)
    discard self
    return whole
  }
}

/// Sendable because it owns its memory and cannot be copied.
extension BatchBuffer: @unchecked Sendable {}
