extension CSVSchema {
  /// First byte of the encoded form.
  static let version: UInt8 = 1

  /// The form in a batch's message: version, delimiter, flags (1 infer, 2 pad), then varint counts and texts.
  ///
  /// Columns are text and type byte (0: none); null markers are texts; a text is a varint length and UTF-8.
  package func encode() -> [UInt8] {
    var bytes: [UInt8] = [Self.version, delimiter, (infer ? 1 : 0) | (ragged == .pad ? 2 : 0)]
    func append(_ text: String) {
      Varint.append(UInt(text.utf8.count), to: &bytes)
      bytes.append(contentsOf: text.utf8)
    }
    Varint.append(UInt(columns.count), to: &bytes)
    for (column, type) in zip(columns, types) {
      append(column)
      bytes.append(type?.rawValue ?? 0)
    }
    Varint.append(UInt(nulls.count), to: &bytes)
    for null in nulls { append(null) }
    return bytes
  }

  package init(decoding bytes: UnsafeRawBufferPointer) throws(CSVSchemaError) {
    guard bytes.count >= 3 else { throw .damaged }
    guard bytes[0] == Self.version else { throw .unknownVersion(bytes[0]) }
    guard bytes[2] < 4 else { throw .damaged }
    var position = 3
    func number() throws(CSVSchemaError) -> Int {
      guard let value = Varint.read(bytes, &position), value <= UInt(bytes.count) else { throw .damaged }
      return Int(value)
    }
    func text() throws(CSVSchemaError) -> String {
      let length = try number()
      guard length <= bytes.count - position else { throw .damaged }
      let content = bytes.bytes(position..<position + length)
      guard UTF8.firstInvalid(in: content) == nil else { throw .damaged }
      position += length
      return String(decoding: content, as: UTF8.self)
    }
    var columns: [String] = []
    var types: [CSVCellType?] = []
    for _ in 0..<(try number()) {
      columns.append(try text())
      guard position < bytes.count else { throw .damaged }
      let type = bytes[position]
      position += 1
      guard let known = CSVCellType(rawValue: type) else {
        guard type == 0 else { throw .damaged }
        types.append(nil)
        continue
      }
      types.append(known)
    }
    var nulls: [String] = []
    for _ in 0..<(try number()) { nulls.append(try text()) }
    guard position == bytes.count else { throw .damaged }
    try self.init(
      columns: columns, delimiter: bytes[1], nulls: nulls, infer: bytes[2] & 1 != 0, types: types,
      ragged: bytes[2] & 2 != 0 ? .pad : .fail)
  }
}
