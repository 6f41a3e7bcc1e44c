import Multiprocessing

/// The functions that a pool's workers run, by their names.
enum PoolFunctions {
  static func initialize(_ name: String, _ arguments: [UInt8]) throws {
    _ = try PoolSeam.call(name, arguments.withUnsafeBytes { Array($0) })
  }

  static func run(_ handing: HandedTasks, into output: inout WorkerOutput) throws {
    var reader = handing.arguments
    let name = String(decoding: handing.function, as: UTF8.self)
    for task in 0..<handing.count {
      if output.isDue() { try output.flush() }
      output.enter(handing.first + task)
      guard let argument = reader.outcome() else { break }
      do {
        let result = try PoolSeam.call(name, Array(argument.bytes))
        result.withUnsafeBytes { output.add(result: $0) }
      } catch { output.add(failure: Array("\(error)".utf8)) }
    }
    try output.leave()
  }
}

enum PoolSeam {
  static func call(_ name: String, _ arguments: [UInt8]) throws -> [UInt8] { arguments }
}
