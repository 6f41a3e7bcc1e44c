extension CSVFastTable {
  /// Appends the row at `offset` as a JSON object, if it is one that this pass knows; answers where its text
  /// ends, or nil with nothing appended.
  ///
  /// Cells are read and written in whole words: reading stays in the payload because a row is taken only if
  /// eight bytes follow its newline, and writing in the memory reserved by ``overhead``.
  @inline(__always)
  func convert(
    _ payload: UnsafeRawBufferPointer, from offset: Int, into buffer: inout BatchBuffer
  ) -> Int? {
    guard let newline = Newlines.first(in: payload, from: offset), payload.count &- newline > 8 else {
      return nil
    }
    buffer.reserve(overhead &+ newline &- offset)
    let output = buffer.start + buffer.count
    let base = payload.baseAddress.unsafelyUnwrapped
    guard let end = row(base + offset, base + newline, output) else { return nil }
    buffer.count &+= end.output - output
    return end.input - base
  }

  /// Writes one row; answers where its text and its JSON end.
  private func row(
    _ start: UnsafeRawPointer, _ newline: UnsafeRawPointer, _ output: UnsafeMutableRawPointer
  ) -> (input: UnsafeRawPointer, output: UnsafeMutableRawPointer)? {
    var input = start
    var output = output
    let last = columnCount &- 1
    var index = 0
    while true {
      let column = columns[index]
      copyName(column, &output)
      guard cell(column.mode, newline, &input, &output) else { return nil }
      // The cell has ended before a delimiter, a CR with the LF behind, or the LF.
      if index == last { break }
      guard byte(input) == delimiter else { return nil }
      input += 1
      index &+= 1
    }
    guard input == newline || byte(input) == 0x0D else { return nil }
    output.storeBytes(of: 0x0A7D, as: UInt16.self)
    return (input, output + 2)
  }

  @inline(__always)
  private func byte(_ pointer: UnsafeRawPointer) -> UInt8 { pointer.load(as: UInt8.self) }

  /// Whether a cell may end before `pointer`.
  @inline(__always)
  private func isEnd(_ pointer: UnsafeRawPointer, _ newline: UnsafeRawPointer) -> Bool {
    let next = byte(pointer)
    return next == delimiter || pointer == newline || (next == 0x0D && pointer + 1 == newline)
  }

  @inline(__always)
  private func copyName(_ column: Column, _ output: inout UnsafeMutableRawPointer) {
    typealias Chunk = SIMD16<UInt8>
    var copied = 0
    repeat {
      output.storeBytes(
        of: column.name.loadUnaligned(fromByteOffset: copied, as: Chunk.self), toByteOffset: copied,
        as: Chunk.self)
      copied &+= 16
    } while copied < column.nameLength
    output += column.nameLength
  }

  /// Writes the cell at `input` and moves both pointers behind it; false leaves the row to the careful way.
  @inline(__always)
  private func cell(
    _ mode: Mode, _ newline: UnsafeRawPointer, _ input: inout UnsafeRawPointer,
    _ output: inout UnsafeMutableRawPointer
  ) -> Bool {
    let meaning = first[Int(byte(input))]
    if meaning & First.end != 0 {
      guard isEnd(input, newline), mode != .other else { return false }
      return empty(mode, &output)
    }
    if meaning & First.null != 0 {
      if mode == .other { return false }
      if let end = markerEnd(input, newline), isNull(input, end) {
        writeNull(&output)
        input = end
        return true
      }
    }
    switch mode {
    case .inferred:
      if meaning & (First.digit | First.minus) != 0, number(newline, &input, &output) { return true }
      if meaning & First.quote != 0 { return quoted(newline, &input, &output) }
      return text(newline, &input, &output, meaning & ~First.null != 0)
    case .text:
      if meaning & First.quote != 0 { return quoted(newline, &input, &output) }
      return text(newline, &input, &output, false)
    case .number: return number(newline, &input, &output)
    case .other: return false
    }
  }

  @inline(__always)
  private func empty(_ mode: Mode, _ output: inout UnsafeMutableRawPointer) -> Bool {
    if emptyIsNull {
      writeNull(&output)
      return true
    }
    if mode == .number { return false }
    output.storeBytes(of: 0x2222, as: UInt16.self)
    output += 2
    return true
  }

  @inline(__always)
  private func writeNull(_ output: inout UnsafeMutableRawPointer) {
    output.storeBytes(of: UInt32(0x6C6C_756E).littleEndian, as: UInt32.self)
    output += 4
  }

  /// Where a cell that may be a null marker ends; nil if a CR in the midst makes that unclear.
  @inline(__always)
  private func markerEnd(_ input: UnsafeRawPointer, _ newline: UnsafeRawPointer) -> UnsafeRawPointer? {
    var end = input
    while byte(end) != delimiter && end < newline { end += 1 }
    if end == newline && byte(end - 1) == 0x0D { end -= 1 }
    return end
  }

  /// Writes digits, with a minus and a fraction perhaps; false, with nothing moved, for any other cell.
  @inline(__always)
  private func number(
    _ newline: UnsafeRawPointer, _ input: inout UnsafeRawPointer, _ output: inout UnsafeMutableRawPointer
  ) -> Bool {
    // More digits than this might exceed a Double.
    if newline - input > 300 && longNumber(input, newline) { return false }
    var from = input
    var to = output
    if byte(from) == 0x2D {
      to.storeBytes(of: 0x2D, as: UInt8.self)
      from += 1
      to += 1
    }
    let integer = from
    copyDigits(&from, &to)
    let digits = from - integer
    if digits == 0 || (digits > 1 && byte(integer) == 0x30) { return false }
    if byte(from) == 0x2E {
      to.storeBytes(of: 0x2E, as: UInt8.self)
      from += 1
      to += 1
      let fraction = from
      copyDigits(&from, &to)
      if from == fraction { return false }
    }
    guard isEnd(from, newline) else { return false }
    input = from
    output = to
    return true
  }

  /// Whether the cell has so many digits that only the careful way can tell what it is.
  @inline(never)
  private func longNumber(_ input: UnsafeRawPointer, _ newline: UnsafeRawPointer) -> Bool {
    var end = input
    while end < newline && end - input < 300 && byte(end) != delimiter { end += 1 }
    return end - input >= 300
  }

  @inline(__always)
  private func copyDigits(_ from: inout UnsafeRawPointer, _ to: inout UnsafeMutableRawPointer) {
    while true {
      let word = Words.load(from)
      Words.store(word, to)
      let found = Words.first(Words.nonDigits(word))
      from += found
      to += found
      if found < 8 { return }
    }
  }

  /// Copies up to the first byte that JSON would escape, or the delimiter.
  @inline(__always)
  private func copyPlain(_ from: inout UnsafeRawPointer, _ to: inout UnsafeMutableRawPointer, _ stops: UInt64)
  {
    while true {
      let word = Words.load(from)
      Words.store(word, to)
      let found = Words.first(
        Words.equal(word, stops) | Words.controls(word) | Words.equal(word, Words.repeating(0x22))
          | Words.equal(word, Words.repeating(0x5C)))
      from += found
      to += found
      if found < 8 { return }
    }
  }

  /// Writes an unquoted cell as a string, or as what it reads as where that may be something else.
  @inline(__always)
  private func text(
    _ newline: UnsafeRawPointer, _ input: inout UnsafeRawPointer, _ output: inout UnsafeMutableRawPointer,
    _ maybeTyped: Bool
  ) -> Bool {
    var from = input
    var to = output + 1
    output.storeBytes(of: 0x22, as: UInt8.self)
    copyPlain(&from, &to, Words.repeating(delimiter))
    guard isEnd(from, newline) else { return false }
    if maybeTyped {
      let bytes = UnsafeRawBufferPointer(start: input, count: from - input)
      if CSVCellClassifier.inferred(bytes) != .text {
        output.copyMemory(from: input, byteCount: bytes.count)
        output += bytes.count
        input = from
        return true
      }
    }
    to.storeBytes(of: 0x22, as: UInt8.self)
    output = to + 1
    input = from
    return true
  }

  /// Writes a quoted cell as a string, unless it holds what must be escaped.
  @inline(__always)
  private func quoted(
    _ newline: UnsafeRawPointer, _ input: inout UnsafeRawPointer, _ output: inout UnsafeMutableRawPointer
  ) -> Bool {
    var from = input + 1
    var to = output + 1
    output.storeBytes(of: 0x22, as: UInt8.self)
    copyPlain(&from, &to, Words.repeating(0x22))
    guard byte(from) == 0x22, isEnd(from + 1, newline) else { return false }
    to.storeBytes(of: 0x22, as: UInt8.self)
    output = to + 1
    input = from + 1
    return true
  }
}
