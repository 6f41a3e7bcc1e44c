import Glibc
import Multiprocessing
import ProcessPool

/// What the tests have this program do; each prints what it saw, a line for each fact.
enum Scenarios {
  static func run(_ name: String, _ method: StartMethod, argument: String) -> Int32 {
    do {
      switch name {
      case "map": try map(method)
      default:
        print("there is no scenario '\(name)'")
        return 2
      }
    } catch {
      print("error: \(error)")
      return 1
    }
    return 0
  }

  private static func map(_ method: StartMethod) throws {
    try ProcessPool.with(workers: 5, start: method) { pool in
      print(try pool.map(Functions.square, [1, 2, 3]))
      print(try pool.map(Functions.square, 0..<1000).reduce(0, +))
      print(try pool.map(Functions.square, [], chunkSize: 2))
      print(try pool.apply(Functions.power, 2, 10))
      print(try pool.starmap(Functions.power, [(2, 3), (3, 2)]))
    }
  }
}
