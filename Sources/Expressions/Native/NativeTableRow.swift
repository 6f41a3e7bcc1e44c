import Glibc

/// The fields of a table's row that programs read, in memory of its own.
package struct NativeTableRow: ~Copyable {
  private let fields: UnsafeMutablePointer<NativeValue>
  private let count: Int
  private let strings: [UnsafeMutableRawPointer]

  /// `names`: the code's path names.
  package init(_ row: borrowing JQValue, names: [JQKey]) {
    fields = .allocate(capacity: max(1, names.count))
    count = names.count
    var strings: [UnsafeMutableRawPointer] = []
    let isObject = row.kind == .object
    for (index, name) in names.enumerated() {
      let value = isObject ? Self.copy(row[name] ?? .null(), &strings) : .bail
      (fields + index).initialize(to: value)
    }
    self.strings = strings
  }

  deinit {
    fields.deallocate()
    for string in strings { string.deallocate() }
  }

  package var value: NativeValue { NativeValue(row: fields) }

  private static func copy(
    _ value: borrowing JQValue, _ strings: inout [UnsafeMutableRawPointer]
  ) -> NativeValue {
    switch value.kind {
    case .null: return .null
    case .bool: return NativeValue(value.isTrue)
    case .number: return value.number!.isFinite ? NativeValue(value.number!) : .bail
    case .string:
      return value.withString { bytes in
        let copy = UnsafeMutableRawPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
        if let base = bytes.baseAddress { copy.copyMemory(from: base, byteCount: bytes.count) }
        strings.append(copy)
        return NativeValue(.string, UnsafeRawBufferPointer(start: copy, count: bytes.count))
      }!
    case .array, .object: return .bail
    }
  }
}
