/// Reads `rotate`: when a sink closes a part and begins the next.
struct RotationReader {
  let reading: Reading

  func read(_ node: FileNode, owner: String) -> FileTarget.Rotation? {
    let owner = "'rotate' of \(owner)"
    guard let fields = Fields(node, owner: owner, known: ["size", "every"], optional: true, reading: reading)
    else { return nil }
    let size = fields["size"].flatMap { node in
      reading.value(node, "'size'") { text throws(ScalarProblem) in
        let size = try SizeText.parse(text)
        guard size > 0 else { throw ScalarProblem("the size is none at all", "write one above 0B") }
        return size
      }
    }
    let every = fields["every"].flatMap { reading.value($0, "'every'", DurationText.parsePositive) }
    if fields.keys.isEmpty {
      reading.error(
        "\(owner) says neither a size nor a time", "write '{ size: 64MiB }' or '{ every: 1h }'",
        at: node.place)
    }
    return FileTarget.Rotation(size: size, every: every)
  }

  /// `at 64MiB or every 1h`.
  static func shown(_ rotation: FileTarget.Rotation) -> String {
    let size = rotation.size.map { "at \(SizeText.format($0))" }
    let every = rotation.every.map { "every \(DurationText.format($0))" }
    return [size, every].compactMap { $0 }.joined(separator: " or ")
  }
}
