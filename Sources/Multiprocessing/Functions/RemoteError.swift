/// An error that was thrown in another process and can't be sent from there as it is: its words.
public struct RemoteError: Error, Equatable, Sendable, Codable, CustomStringConvertible {
  /// The error's type, as Swift writes it.
  public var typeName: String
  /// The error's own description.
  public var text: String
  /// The name of the process in which it was thrown.
  public var worker: String

  package init(typeName: String, text: String, worker: String) {
    self.typeName = typeName
    self.text = text
    self.worker = worker
  }

  /// Describes any error.
  package init(_ error: any Error, worker: String) {
    self.init(typeName: "\(type(of: error))", text: "\(error)", worker: worker)
  }

  /// The type, the process and the words.
  public var description: String { "\(typeName) in process '\(worker)': \(text)" }
}

/// An error on its way from the process in which it was thrown.
///
/// One that is `Codable` arrives as it was, any other as a `RemoteError`. Both processes run the same executable, so
/// the type is found by its mangled name.
package struct RemoteFailure: Codable, Sendable {
  package var error: RemoteError
  /// The mangled name of the error's type and its value, where it is `Codable`.
  var typeName: String?
  var value: [UInt8]?

  /// Describes an error, and keeps it whole where that is possible.
  package init(_ thrown: any Error, worker: String) {
    if let described = thrown as? RemoteError {
      error = described
      return
    }
    error = RemoteError(thrown, worker: worker)
    guard let coded = thrown as? any (Error & Codable), let name = _mangledTypeName(type(of: thrown))
    else { return }
    if let bytes = try? ValueCoding.encode(coded) { (typeName, value) = (name, bytes) }
  }

  package init(_ error: RemoteError) { self.error = error }

  /// For the way.
  package func encoded() -> [UInt8] {
    // Texts and bytes: nothing in here can fail.
    (try? ValueCoding.encode(self)) ?? []
  }

  /// The error that was thrown, or what is left of it. Bytes that are no failure are described as such.
  package static func error(from bytes: UnsafeRawBufferPointer, worker: String) -> any Error {
    do { return try ValueCoding.decode(RemoteFailure.self, from: bytes).thrown } catch {
      return RemoteError(error, worker: worker)
    }
  }

  /// The error that was thrown, or what is left of it.
  package var thrown: any Error {
    guard let typeName, let value, let type = _typeByName(typeName) as? any (Error & Decodable).Type
    else { return error }
    return (try? Self.decode(type, value)) ?? error
  }

  private static func decode<Thrown: Error & Decodable>(
    _ type: Thrown.Type, _ bytes: [UInt8]
  ) throws -> any Error { try ValueCoding.decode(type, from: bytes) }
}
