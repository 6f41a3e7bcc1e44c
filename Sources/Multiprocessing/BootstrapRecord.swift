import CPOSIX
import Glibc
import POSIXKit

/// What a child needs to know to begin, whatever the start method: in memory under fork, through a memory
/// file otherwise.
struct BootstrapRecord: Equatable, Sendable {
  var target: String
  var name: String
  var method: StartMethod
  var foreground: Bool
  var ignoresInterrupt: Bool
  /// How many descriptors were passed.
  var descriptorCount: Int
  /// The process that asked for the child; under forkserver not its parent.
  var owner: Int32
  var payload: [UInt8]

  /// The control channel's number in every child. Passed descriptors follow it.
  static let controlNumber: Int32 = 3
  static let firstPassedNumber: Int32 = 4

  init(_ request: StartRequest, _ method: StartMethod) {
    target = request.target
    name = request.name
    self.method = method
    foreground = request.foreground
    ignoresInterrupt = request.foreground && !request.heedsInterrupt
    descriptorCount = request.descriptors.count
    owner = getpid()
    payload = request.payload
  }

  /// The record in a memory file of its own. Throws `SystemCallError`.
  func memoryFile() throws(SystemCallError) -> Descriptor {
    var writer = WireWriter()
    writer.write(target)
    writer.write(name)
    writer.write(method.rawValue)
    writer.write(foreground)
    writer.write(ignoresInterrupt)
    writer.write(UInt64(descriptorCount))
    writer.write(owner)
    writer.write(payload)
    let raw = cposix_memfd("procession-bootstrap")
    guard raw >= 0 else { throw .last("memfd_create", name) }
    let file = Descriptor(owning: raw)
    try writer.bytes.withUnsafeBufferPointer { (buffer) throws(SystemCallError) in
      try file.pwriteAll(UnsafeRawBufferPointer(buffer), at: 0)
    }
    return file
  }

  /// Nil when the file holds no record. Throws `SystemCallError`.
  init?(memoryFile: borrowing Descriptor) throws(SystemCallError) {
    var reader = WireReader(try memoryFile.readAll())
    guard let target = reader.text(), let name = reader.text(),
      let method = reader.text().flatMap(StartMethod.init), let foreground = reader.flag(),
      let ignoresInterrupt = reader.flag(),
      let count = reader.word(), let owner = reader.integer(), let payload = reader.bytesField()
    else { return nil }
    self.target = target
    self.name = name
    self.method = method
    self.foreground = foreground
    self.ignoresInterrupt = ignoresInterrupt
    descriptorCount = Int(clamping: count)
    self.owner = owner
    self.payload = payload
  }
}
