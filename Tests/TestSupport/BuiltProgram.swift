import Glibc

/// Finds what is built beside the tests.
package enum BuiltProgram {
  package struct NotBuilt: Error, CustomStringConvertible {
    package let description: String
  }

  /// The path of a program that stands beside the tests, or beside what the tests' helper was given.
  package static func path(_ name: String) throws(NotBuilt) -> String {
    var own = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &own, own.count)
    let helper = String(decoding: own[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // Where the tests run inside a helper, the bundle's path is among the arguments.
    for candidate in [helper] + CommandLine.arguments {
      let path = candidate[..<(candidate.lastIndex(of: "/") ?? candidate.startIndex)] + "/\(name)"
      if access(String(path), X_OK) == 0 { return String(path) }
    }
    throw NotBuilt(description: "\(name) is not built")
  }
}
