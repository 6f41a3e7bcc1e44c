import FoundationEssentials

extension Plan {
  /// Canonical JSON: sorted keys, one value to a line, so that two plans can be compared as texts.
  package func canonicalJSON() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
  }

  package init(canonicalJSON bytes: [UInt8]) throws {
    self = try JSONDecoder().decode(Plan.self, from: Data(bytes))
  }
}
