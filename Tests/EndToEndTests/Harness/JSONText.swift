import Foundation

/// JSON that the command prints, read by a parser that is not ours.
enum JSONText {
  struct NoObject: Error {}

  static func object(_ bytes: some Sequence<UInt8>) throws -> [String: Any] {
    guard let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
      throw NoObject()
    }
    return object
  }
}
