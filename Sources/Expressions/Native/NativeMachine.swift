import Glibc
import Records

/// Runs the programs of one chain on one record after the other, without libjq.
///
/// It answers only where it surely has jq's answer, byte for byte; everything else is a bail, after which the
/// record goes through libjq. Nothing is allocated and no reference counted per record. Belongs to one thread.
package struct NativeMachine: ~Copyable {
  /// Strings made for a record must fit in here; else it bails.
  private static let arenaSize = 1 << 16

  let nodes: UnsafeMutablePointer<NativeNode>
  let lists: UnsafeMutablePointer<Int32>
  /// What the constants point to.
  private let constants: UnsafeMutablePointer<UInt8>
  let arena: UnsafeMutablePointer<UInt8>
  private var arenaCount = 0
  /// The record's fields, as the code names them.
  let fields: UnsafeMutablePointer<NativeValue>
  let fieldCount: Int
  let fieldNames: [[UInt8]]
  let pathNames: [[UInt8]]
  private let joined: UnsafeMutablePointer<NativeValue>
  var text = NativeText()
  /// Texts of unquoted cells that mean null.
  var nulls: [[UInt8]] = []

  package init(_ code: NativeCode) {
    nodes = .allocate(capacity: max(1, code.nodes.count))
    lists = .allocate(capacity: max(1, code.lists.count))
    constants = .allocate(capacity: max(1, code.strings.reduce(0) { $0 + $1.count }))
    arena = .allocate(capacity: Self.arenaSize)
    fieldCount = code.fields.count
    fields = .allocate(capacity: max(1, fieldCount))
    joined = .allocate(capacity: max(1, code.joinCount))
    fieldNames = code.fields.map { Array($0.utf8) }
    pathNames = code.pathNames.map { Array($0.utf8) }
    fields.initialize(repeating: .null, count: fieldCount)
    joined.initialize(repeating: .null, count: code.joinCount)
    for (index, entry) in code.lists.enumerated() { (lists + index).initialize(to: entry) }
    var starts: [Int] = []
    var end = 0
    for string in code.strings {
      starts.append(end)
      (constants + end).initialize(from: string, count: string.count)
      end += string.count
    }
    for (index, node) in code.nodes.enumerated() {
      var node = node
      if node.value.kind == .string {
        let start = constants + starts[Int(node.value.bits)]
        node.value = NativeValue(.string, UnsafeRawBufferPointer(start: start, count: node.value.count))
      }
      (nodes + index).initialize(to: node)
    }
  }

  deinit {
    nodes.deallocate()
    lists.deallocate()
    constants.deallocate()
    arena.deallocate()
    fields.deallocate()
    joined.deallocate()
  }

  /// What a program made of a record.
  package enum Outcome {
    /// A result that is true to jq, or a result that was written.
    case yes
    /// A false one, or none.
    case no
    case bail
  }

  package mutating func begin() {
    arenaCount = 0
    text.removeAll()
  }

  /// Whether the filter at `root` keeps the record.
  package mutating func keeps(_ root: Int32) -> Outcome {
    let value = evaluate(root, NativeValue(.input))
    if value.kind == .bail { return .bail }
    return value.kind != .none && value.isTrue ? .yes : .no
  }

  /// Writes the result of the map at `root`, if it has one.
  package mutating func write(_ root: Int32) -> Outcome {
    text.removeAll()
    return write(root, NativeValue(.input))
  }

  /// Writes the key at `root`.
  package mutating func writeKey(_ root: Int32) -> Outcome { write(root) }

  package mutating func join(_ number: Int, _ value: NativeValue) { joined[number] = value }

  /// What was written, valid until the next record or writing.
  package var written: UnsafeRawBufferPointer { text.bytes }

  @inline(__always)
  func joinedRow(_ number: Int) -> NativeValue { joined[number] }

  /// Room for a string of this record's; nil where it has used up its share.
  @inline(__always)
  mutating func room(_ count: Int) -> UnsafeMutablePointer<UInt8>? {
    guard count <= Self.arenaSize &- arenaCount else { return nil }
    let start = arena + arenaCount
    arenaCount &+= count
    return start
  }
}
