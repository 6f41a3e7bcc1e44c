/// What the owner of a fork server tells it.
enum ForkServerRequest: Equatable, Sendable {
  /// With descriptors: standard input (unless `nullInput`), output, error, control, those to pass, and the
  /// bootstrap record's file. `group` 0 is one of its own.
  case start(id: UInt64, group: Int32, nullInput: Bool, name: String)
  /// The owner knows how the child ended.
  case reap(id: UInt64)

  func encoded() -> [UInt8] {
    var writer = WireWriter()
    switch self {
    case .start(let id, let group, let nullInput, let name):
      writer.write(UInt64(1))
      writer.write(id)
      writer.write(group)
      writer.write(nullInput)
      writer.write(name)
    case .reap(let id):
      writer.write(UInt64(2))
      writer.write(id)
    }
    return writer.bytes
  }

  init?(_ bytes: [UInt8]) {
    var reader = WireReader(bytes)
    switch reader.word() {
    case 1:
      guard let id = reader.word(), let group = reader.integer(), let nullInput = reader.flag(),
        let name = reader.text()
      else { return nil }
      self = .start(id: id, group: group, nullInput: nullInput, name: name)
    case 2:
      guard let id = reader.word() else { return nil }
      self = .reap(id: id)
    default: return nil
    }
  }
}

/// What a fork server tells its owner.
enum ForkServerReply: Equatable, Sendable {
  /// The preload has run.
  case ready
  case preloadFailed(String)
  /// With one descriptor: the child's pidfd.
  case started(id: UInt64, pid: Int32)
  case startFailed(id: UInt64, text: String)
  /// The server has several threads and must not fork.
  case threads(id: UInt64, count: Int)
  /// The child has ended and is still a zombie: `ForkServerRequest.reap` ends that.
  case exited(id: UInt64, ExitObservation)

  func encoded() -> [UInt8] {
    var writer = WireWriter()
    switch self {
    case .ready: writer.write(UInt64(1))
    case .preloadFailed(let text):
      writer.write(UInt64(2))
      writer.write(Array(text.utf8.prefix(32 << 10)))
    case .started(let id, let pid):
      writer.write(UInt64(3))
      writer.write(id)
      writer.write(pid)
    case .startFailed(let id, let text):
      writer.write(UInt64(4))
      writer.write(id)
      writer.write(text)
    case .threads(let id, let count):
      writer.write(UInt64(5))
      writer.write(id)
      writer.write(UInt64(count))
    case .exited(let id, let seen):
      writer.write(UInt64(6))
      writer.write(id)
      writer.write(seen.pid)
      writer.write(seen.status.code)
      writer.write(seen.usage.userMicroseconds)
      writer.write(seen.usage.systemMicroseconds)
      writer.write(seen.usage.peakResidentBytes)
      writer.write(seen.usage.dumpedCore)
    }
    return writer.bytes
  }

  init?(_ bytes: [UInt8]) {
    var reader = WireReader(bytes)
    let kind = reader.word()
    if kind == 1 {
      self = .ready
      return
    }
    if kind == 2 {
      guard let text = reader.text() else { return nil }
      self = .preloadFailed(text)
      return
    }
    guard let id = reader.word() else { return nil }
    switch kind {
    case 3:
      guard let pid = reader.integer() else { return nil }
      self = .started(id: id, pid: pid)
    case 4:
      guard let text = reader.text() else { return nil }
      self = .startFailed(id: id, text: text)
    case 5:
      guard let count = reader.word() else { return nil }
      self = .threads(id: id, count: Int(clamping: count))
    case 6:
      guard let pid = reader.integer(), let code = reader.integer(), let user = reader.word(),
        let system = reader.word(), let peak = reader.word(), let dumped = reader.flag()
      else { return nil }
      let usage = ResourceUsage(
        userMicroseconds: user, systemMicroseconds: system, peakResidentBytes: peak, dumpedCore: dumped)
      self = .exited(id: id, ExitObservation(pid: pid, status: ExitStatus(code: code), usage: usage))
    default: return nil
    }
  }
}
