import Glibc
import Multiprocessing

/// What the workers can do.
enum Functions {
  struct Refused: Error, Codable, Equatable {
    var number: Int
  }

  struct Unspeakable: Error, CustomStringConvertible {
    let handler: @Sendable () -> Void = {}
    var description: String { "can't be put into bytes" }
  }

  static let square = RemoteFunction("square") { (x: Int) in x * x }
  static let identity = RemoteFunction("identity") { (x: Int) in x }
  static let power = RemoteFunction("power") { (x: Int, n: Int) in
    (0..<n).reduce(1) { product, _ in product * x }
  }
  static let say = RemoteFunction("say") { (text: String) in print(text) }

  /// Throws for odd numbers.
  static let even = RemoteFunction("even") { (x: Int) -> Int in
    if x % 2 == 1 { throw Refused(number: x) }
    return x
  }
  static let unspeakable = RemoteFunction("unspeakable") { (x: Int) -> Int in throw Unspeakable() }

  /// Does what is asked for negative numbers: -9 is SIGKILL.
  static let raise = RemoteFunction("raise") { (x: Int) -> Int in
    if x < 0 {
      StandardError.write("about to raise \(-x)\n")
      // Beyond the machine the pool knows what was done by what has arrived.
      usleep(20_000)
      kill(getpid(), Int32(-x))
    }
    return x
  }
  static let leave = RemoteFunction("leave") { (code: Int) -> Int in exit(Int32(code)) }

  /// Dies unless the file is there, which it makes.
  static let dieOnce = RemoteFunction("die-once") { (path: String) -> Int in
    if access(path, F_OK) == 0 { return 1 }
    close(open(path, O_CREAT | O_WRONLY, 0o600))
    kill(getpid(), SIGKILL)
    return 0
  }

  /// Milliseconds.
  static let nap = RemoteFunction("nap") { (milliseconds: Int) -> Int in
    usleep(UInt32(milliseconds) * 1000)
    return milliseconds
  }
  static let parentID = RemoteFunction("ppid") { (_: Int) in Int(getppid()) }
  static let processID = RemoteFunction("pid") { (_: Int) in Int(getpid()) }

  /// Starts a program that outlives the task, and never returns.
  static let hangWithChild = RemoteFunction("hang-with-child") { (path: String) -> Int in
    let pid = fork()
    if pid == 0 {
      let file = open(path, O_CREAT | O_WRONLY, 0o600)
      var text = "\(getpid())\n"
      text.withUTF8 { _ = write(file, $0.baseAddress, $0.count) }
      close(file)
      while true { pause() }
    }
    while true { pause() }
  }
  static let bytes = RemoteFunction("bytes") { (count: Int) in [UInt8](repeating: 7, count: count) }
  static let whoAmI = RemoteFunction("who-am-i") { (_: Int) -> String in
    let (own, parent) = (currentProcess(), parentProcess())
    return "\(own.name) \(own.pid == getpid()) \(parent?.pid ?? 0)"
  }
  static let nothing = RemoteFunction("nothing") { () in }
  static let hang = RemoteFunction("hang") { (x: Int) -> Int in
    signal(SIGTERM, SIG_IGN)
    while true { pause() }
  }
  static let power1 = RemoteFunction("power-1") { (x: Int) in x + 100 }

  /// A result that can't be put into bytes.
  struct Odd: Codable, Sendable {
    func encode(to encoder: any Encoder) throws { throw Refused(number: 3) }
  }
  static let odd = RemoteFunction("odd") { (_: Int) in Odd() }

  /// Writes a byte into a file, and throws.
  static let badStart = RemoteFunction("bad-start") { (path: String) throws -> Void in
    let file = open(path, O_CREAT | O_WRONLY | O_APPEND, 0o600)
    _ = write(file, "x", 1)
    close(file)
    throw Refused(number: 1)
  }

  /// The addresses of this machine, or of what the process sees of it.
  static let addresses = RemoteFunction("addresses") { (_: Int) -> String in
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return "" }
    defer { freeifaddrs(list) }
    var names: [String] = []
    var next = list
    while let entry = next {
      if let address = entry.pointee.ifa_addr, address.pointee.sa_family == AF_INET {
        names.append(String(cString: entry.pointee.ifa_name))
      }
      next = entry.pointee.ifa_next
    }
    return names.sorted().joined(separator: ",")
  }
  static let setUp = RemoteFunction("set-up") { (text: String) in _ = setenv("POOL_FIXTURE", text, 1) }
  static let readSetting = RemoteFunction("read-setting") { (_: Int) in
    getenv("POOL_FIXTURE").map { String(cString: $0) } ?? ""
  }

  static let all: [any RemoteCallable] = [
    square, identity, power, say, even, unspeakable, raise, leave, dieOnce, nap, processID, parentID,
    hangWithChild,
    bytes,
    whoAmI, nothing, hang, power1, odd, badStart, addresses, setUp, readSetting,
  ]
}

enum StandardError {
  static func write(_ text: String) {
    var text = text
    text.withUTF8 { _ = Glibc.write(2, $0.baseAddress, $0.count) }
  }
}
