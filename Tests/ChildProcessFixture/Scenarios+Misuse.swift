import Glibc
import Multiprocessing
import POSIXKit

/// What is refused, and what only fork can do.
extension Scenarios {
  static func misuse(_ method: StartMethod) throws {
    let process = ChildProcess(target: Functions.rest, name: "p")
    emit("join before", thrown { try process.join() })
    emit("terminate before", thrown { try process.terminate() })
    emit("sentinel before", thrown { _ = try process.sentinel })
    emit("before", "\(process.isAlive), \(process.pid == nil), \(process.exitStatus == nil)")
    try process.start()
    emit("start twice", thrown { try process.start() })
    emit("close early", thrown { try process.close() })
    try process.kill()
    try process.join()
    emit("start again", thrown { try process.start() })
    try process.close()
    try process.close()
    emit("join closed", thrown { try process.join() })
    emit("kill closed", thrown { try process.kill() })
    emit("start closed", thrown { try process.start() })
    emit("sentinel closed", thrown { _ = try process.sentinel })
    emit("closed", "\(process.exitStatus!)")
    let unused = ChildProcess(target: Functions.rest, name: "unused")
    try unused.close()
    emit("unused", thrown { try unused.start() })
    let impostor = ChildProcess(target: Functions.impostor, args: 1, name: "i", context: .spawn)
    emit("impostor", thrown { try impostor.start() })
  }

  static func threads(_ method: StartMethod) throws {
    startIdleThread()
    let process = ChildProcess(target: Functions.nothing, name: "p")
    let text = thrown { try process.start() }
    emit("start", text)
    if process.pid != nil { try process.join() }
    emit("status", "\(process.exitStatus.map(String.init) ?? "none")")
    emit("again", "\(process.exitStatus == nil ? thrown { try process.start() } == text : true)")
  }

  static func closure(_ method: StartMethod) throws {
    var numbers = [1, 2, 3]
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw Failure("pipe") }
    let process = ChildProcess(name: "closed over") {
      numbers.append(4)
      let text = "\(currentProcess().name) has \(numbers)"
      _ = text.withCString { write(ends[1], $0, strlen($0)) }
    }
    emit("start", thrown { try process.start() })
    if method == .fork {
      try process.join()
      var bytes = [UInt8](repeating: 0, count: 100)
      let count = read(ends[0], &bytes, 100)
      emit("closure", String(decoding: bytes[..<max(0, count)], as: UTF8.self))
    }
    emit("here", "\(numbers)")
    for end in ends { close(end) }
    // A function that is not listed can be forked.
    let unlisted = ChildProcess(target: Functions.other, args: 1)
    emit("unlisted", thrown { try unlisted.start() })
    if unlisted.pid != nil { try unlisted.join() }
  }

  /// A forked child has copies of its parent's processes, and of itself.
  static func copies(_ method: StartMethod) throws {
    let older = ChildProcess(target: Functions.rest, name: "older")
    try older.start()
    var own: ChildProcess?
    let process = ChildProcess(name: "own", context: .fork) {
      emit("join itself", thrown { try own!.join() })
      emit("join older", thrown { try older.join() })
      emit("kill older", thrown { try older.kill() })
      emit("older", "\(older.isAlive), active \(activeChildren().count)")
      // Letting go of copies does nothing to the processes.
      own = nil
      let next = ChildProcess(target: Functions.nothing, context: ProcessContext(method))
      try next.start()
      try next.join()
      emit("next", "\(next.name) \(next.exitStatus!)")
    }
    own = process
    try process.start()
    try process.join()
    emit("status", "\(process.exitStatus!), older \(older.isAlive)")
    try older.kill()
    try older.join()
    emit("older's status", "\(older.exitStatus!)")
  }

  /// What a child has open.
  static func descriptors(_ method: StartMethod) throws {
    let older = ChildProcess(target: Functions.rest)
    try older.start()
    _ = try older.sentinel
    let mine = try Descriptor.open("/dev/null")
    let before = try openDescriptors()
    let process = ChildProcess(context: .fork) {
      let now = try openDescriptors()
      emit("kept", "\(now.contains(mine.raw))")
      emit("library's", "\(now.subtracting(before).count) more, \(before.subtracting(now).count) fewer")
    }
    try process.start()
    try process.join()
    try older.kill()
    try older.join()
    try older.close()
  }

  /// The executable of a user of the library.
  static func libraries(_ method: StartMethod) throws {
    let process = ChildProcess(target: Functions.nothing)
    try process.start()
    try process.join()
    let maps = try textOfSystemFile("/proc/self/maps")
    for name in ["Foundation", "zmq"] { emit(name, "\(maps.contains("lib\(name)"))") }
  }

  /// Another thread starts, ends and waits for its own at the same time.
  static func twoThreads(_ method: StartMethod) throws {
    if method == .fork { return emit("rounds", "40") }
    let rounds = Rounds()
    var thread = pthread_t()
    let box = Unmanaged.passUnretained(rounds)
    pthread_create(
      &thread, nil,
      { box in
        Unmanaged<Rounds>.fromOpaque(box!).takeUnretainedValue().run()
        return nil
      }, box.toOpaque())
    let own = Rounds()
    own.run()
    pthread_join(thread, nil)
    emit("rounds", "\(rounds.count + own.count)")
  }

  /// The kernel lists a thread that was joined for a moment longer.
  static func joinedThreads(_ method: StartMethod) throws {
    var most = 0
    for _ in 0..<5_000 {
      var thread = pthread_t()
      pthread_create(&thread, nil, { _ in nil }, nil)
      pthread_join(thread, nil)
      most = max(most, try countOfThreads())
    }
    emit("threads", "\(most)")
  }

  /// A program without standard streams, as a service may be started. Its verdict is its exit status.
  static func closedStreams(_ method: StartMethod) throws {
    for number: Int32 in 0...2 { close(number) }
    let process = ChildProcess(target: Functions.leave, args: "exit", 7)
    try process.start()
    // Filled, but by nothing that takes output.
    let isClosed = write(1, "x", 1) < 0 && write(2, "x", 1) < 0
    try process.join()
    exit(process.exitStatus == 7 && isClosed ? 0 : 1)
  }

  final class Rounds {
    var count = 0

    func run() {
      for round in 0..<20 {
        let process = ChildProcess(target: Functions.leave, args: "exit", Int32(round))
        guard (try? process.start()) != nil, (try? process.join()) == true else { return }
        _ = activeChildren()
        if process.exitStatus == round { count += 1 }
      }
    }
  }
}
