import Glibc
import Multiprocessing
import POSIXKit

/// A child that says it is ready and then does what it is told, one message at a time.
enum Agent {
  static let target = "agent"

  static func register() {
    ProcessTargets.register(target) { context in
      do { return try run(&context) } catch {
        print("agent failed: \(error)")
        return 99
      }
    }
  }

  private static func run(_ context: inout ChildContext) throws -> Int32 {
    try context.control.send(Array("ready".utf8), until: nil)
    while let message = try context.control.receive(until: nil) {
      let words = String(decoding: message, as: UTF8.self).split(separator: " ", maxSplits: 1)
      let operand = words.count > 1 ? String(words[1]) : ""
      var answer: [UInt8] = []
      switch words[0] {
      case "exit": return Int32(operand)!
      case "raise":
        kill(getpid(), Int32(operand)!)
        pause()
      case "crash": UnsafeMutablePointer<Int>(bitPattern: 8)!.pointee = 1
      case "say":
        print(operand)
        fflush(nil)
      case "complain": _ = (operand + "\n").withCString { write(2, $0, strlen($0)) }
      case "payload": answer = context.payload
      case "echo": answer = message
      case "inspect": answer = Array(try inspection(context).utf8)
      case "guard": try context.setOrphanCleanup(path: operand + "/socket", folder: operand)
      case "external":
        let pid = try ProgramStart.spawn(
          "/bin/sleep", arguments: ["sleep", "1000"], group: .inherited, descriptors: [-1, -1, -1])
        answer = Array("\(pid)".utf8)
      case "read":
        answer = try context.takeDescriptor(Int(operand)!).readAll()
      case "spin":
        try context.control.send(Array("spinning".utf8), until: nil)
        while true {}
      case "sum": answer = Array("\((context.preloaded as? Preloads.Table)?.sum() ?? 0)".utf8)
      default: return 98
      }
      try context.control.send(answer, until: nil)
    }
    return 0
  }

  /// What the kernel says of this process, in lines `key value`.
  private static func inspection(_ context: borrowing ChildContext) throws -> String {
    let numbers = try namesInFolder("/proc/self/fd").compactMap(Int32.init)
    // The listing itself holds one descriptor, closed by now.
    let open = numbers.filter { fcntl($0, F_GETFD) >= 0 }.sorted()
    let inherited = open.filter { $0 > 2 && fcntl($0, F_GETFD) & FD_CLOEXEC == 0 }
    var lines = [
      "descriptors \(open.map(String.init).joined(separator: ","))",
      "inheritable \(inherited.map(String.init).joined(separator: ","))",
      "passed \(context.descriptors.map(String.init).joined(separator: ","))",
      "leads \(getpgrp() == getpid() ? 1 : 0)",
      "parentsGroup \(getpgrp() == getpgid(getppid()) ? 1 : 0)",
      "threads \(try countOfThreads())",
      "method \(context.method.rawValue)",
      "name \(context.name)",
    ]
    for line in try textOfSystemFile("/proc/self/status").split(separator: "\n") {
      for key in ["SigBlk", "SigIgn", "SigCgt", "Name"] where line.hasPrefix(key + ":") {
        lines.append(key + " " + line.dropFirst(key.count + 2))
      }
    }
    return lines.joined(separator: "\n")
  }
}
