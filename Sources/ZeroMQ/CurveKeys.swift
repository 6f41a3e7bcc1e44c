import CZeroMQ

/// A pair of keys for CURVE, made for one run: 40 printable characters each (Z85).
package struct CurveKeys: Hashable, Sendable {
  package let publicKey: String
  /// Never in an argument list, an environment or a log.
  package let secretKey: String

  package init(publicKey: String, secretKey: String) {
    self.publicKey = publicKey
    self.secretKey = secretKey
  }

  /// Makes a pair. Fails with `ENOTSUP` where libzmq was built without CURVE.
  package static func generate() throws(ZeroMQError) -> CurveKeys {
    var open = [CChar](repeating: 0, count: 41)
    var secret = [CChar](repeating: 0, count: 41)
    guard zmq_curve_keypair(&open, &secret) == 0 else { throw .last("zmq_curve_keypair") }
    func text(_ key: [CChar]) -> String { String(decoding: key.prefix(40).map(UInt8.init), as: UTF8.self) }
    return CurveKeys(publicKey: text(open), secretKey: text(secret))
  }

  /// The public key's 32 bytes, as an ``Authenticator`` sees them; nil if it is none.
  package var publicBytes: [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 32)
    return publicKey.utf8.count == 40 && zmq_z85_decode(&bytes, publicKey) != nil ? bytes : nil
  }
}

extension Socket {
  /// Encrypts what goes through the socket, and lets those in whom the authenticator admits to the domain. To
  /// be called before `bind`. The authenticator must live as long as its context: without one libzmq (4.3)
  /// would let in everybody who knows the public key.
  package func secure(
    asServer keys: CurveKeys, domain: String, by authenticator: borrowing Authenticator
  ) throws(ZeroMQError) {
    precondition(!domain.isEmpty, "libzmq does not ask about an empty domain")
    try set(ZMQ_CURVE_SERVER, CInt(1))
    try set(ZMQ_CURVE_SECRETKEY, text: keys.secretKey)
    try set(ZMQ_ZAP_DOMAIN, text: domain)
  }

  /// Encrypts what goes through the socket, proves with its own pair who it is, and talks only to the one who
  /// has the server's secret key. To be called before `connect`.
  package func secure(asClient keys: CurveKeys, ofServer publicKey: String) throws(ZeroMQError) {
    try set(ZMQ_CURVE_SERVERKEY, text: publicKey)
    try set(ZMQ_CURVE_PUBLICKEY, text: keys.publicKey)
    try set(ZMQ_CURVE_SECRETKEY, text: keys.secretKey)
  }

  private func set(_ option: CInt, _ value: CInt) throws(ZeroMQError) {
    let status = withUnsafeBytes(of: value) { zmq_setsockopt(pointer, option, $0.baseAddress, $0.count) }
    guard status == 0 else { throw .last("zmq_setsockopt") }
  }

  private func set(_ option: CInt, text: String) throws(ZeroMQError) {
    // The key's C string has its final zero counted; a domain's has not.
    let length = option == ZMQ_ZAP_DOMAIN ? text.utf8.count : text.utf8.count + 1
    let status = text.withCString { zmq_setsockopt(pointer, option, $0, length) }
    guard status == 0 else { throw .last("zmq_setsockopt") }
  }
}
