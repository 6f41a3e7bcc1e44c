/// The programs of one chain as nodes, while they are compiled: they share what they know of the record.
package struct NativeCode {
  struct Unsupported: Error {}

  var nodes: [NativeNode] = []
  var lists: [Int32] = []
  private(set) var strings: [[UInt8]] = []
  /// The fields read of records; a `record` node's operand is a position here.
  package private(set) var fields: [String] = []
  /// Whether libjq is given every field of a record, as more of them might matter than `fields`.
  package private(set) var mayReadAll = false
  /// The names of fields read of anything else.
  package private(set) var pathNames: [String] = []
  /// The fields that lookups have joined so far, each with the lookup's number.
  private var joins: [String: Int32] = [:]
  private(set) var joinCount = 0
  let variables: [(name: String, json: String)]

  package init(variables: [(name: String, json: String)]) {
    self.variables = variables
  }

  /// What a program is for.
  package enum Use {
    case filter, key, map
  }

  /// Compiles a program, which libjq must accept; nil where it is not in the subset. Answers its root.
  ///
  /// It is in the subset where it surely has one result, or none by a `select` in its outermost pipe.
  package mutating func compile(_ program: String, for use: Use) -> Int32? {
    guard let tokens = try? JQLexer.tokens(of: program) else { return nil }
    if let read = JQFieldAnalysis.fields(readBy: tokens) {
      for name in read { _ = slot(of: name) }
    } else {
      mayReadAll = true
    }
    var parser = NativeParser(tokens: tokens, code: self)
    guard let root = try? parser.program() else { return nil }
    self = parser.code
    return isSound(root, builds: use == .map, drops: use != .key) ? root : nil
  }

  /// From here on `field` is what lookup number `joinCount` joined.
  package mutating func join(_ field: String) -> Int {
    joins[field] = Int32(joinCount)
    joinCount += 1
    return joinCount - 1
  }

  mutating func add(_ node: NativeNode) throws(Unsupported) -> Int32 {
    // Functions are copied to where they are called: not without end.
    guard nodes.count < 4096 else { throw Unsupported() }
    nodes.append(node)
    return Int32(nodes.count - 1)
  }

  mutating func string(_ bytes: [UInt8]) -> NativeValue {
    strings.append(bytes)
    return NativeValue(.string, count: bytes.count, bits: UInt64(strings.count - 1))
  }

  /// A field of the record.
  mutating func field(_ name: String) -> NativeNode {
    if let join = joins[name] { return NativeNode(operation: .join, first: join) }
    return NativeNode(operation: .record, first: Int32(slot(of: name)))
  }

  mutating func path(_ base: Int32, _ name: String) -> NativeNode {
    if !pathNames.contains(name) { pathNames.append(name) }
    return NativeNode(operation: .path, first: base, second: Int32(pathNames.firstIndex(of: name)!))
  }

  private mutating func slot(of name: String) -> Int {
    if let slot = fields.firstIndex(of: name) { return slot }
    fields.append(name)
    return fields.count - 1
  }

  /// Whether objects are made only where they are the result or part of it, and records dropped only where the
  /// whole program drops them.
  private func isSound(_ root: Int32, builds: Bool, drops: Bool) -> Bool {
    let node = nodes[Int(root)]
    func isValue(_ operand: Int32) -> Bool { isSound(operand, builds: false, drops: false) }
    func operands() -> ArraySlice<Int32> { lists[Int(node.first)..<Int(node.first + node.second)] }
    switch node.operation {
    case .constant, .dot, .record, .join: return true
    case .path, .negate: return isValue(node.first)
    case .pipe:
      return isSound(node.first, builds: false, drops: drops)
        && isSound(node.second, builds: builds, drops: drops)
    case .condition:
      return isValue(node.first) && isSound(node.second, builds: builds, drops: drops)
        && isSound(node.third, builds: builds, drops: drops)
    case .concatenation: return operands().allSatisfy(isValue)
    case .object:
      return builds && operands().allSatisfy { isSound($0, builds: true, drops: false) }
    case .member: return isSound(node.first, builds: builds, drops: drops)
    case .select: return drops && isValue(node.first)
    case .alternative, .and, .or, .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual, .add,
      .subtract, .multiply, .divide, .remainder:
      return isValue(node.first) && isValue(node.second)
    case .not, .toString, .toNumber, .length, .round, .floor, .ceil, .downcase, .upcase: return true
    }
  }
}
