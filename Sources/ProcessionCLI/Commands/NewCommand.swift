import ArgumentParser
import Glibc
import POSIXKit

/// `procession new`: writes a package with a step of one's own.
struct NewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Write a Swift package with a step of your own.",
    discussion: """
      The package is a program that has the whole command line and a step that its pipeline uses, with a test \
      and a README. It builds and passes its tests as written.
      """)

  @Argument(help: "The package's name, which is that of the new folder, too.")
  var name: String

  @Option(
    name: .long,
    help: "Where Procession is: a folder or an address. Left out: where this program was built.")
  var procession: String?

  func validate() throws {
    let isName =
      name.utf8.first.map { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A } == true && name.utf8.count <= 64
      && name.utf8.allSatisfy {
        ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A || $0 >= 0x30 && $0 <= 0x39 || $0 == 0x2D || $0 == 0x5F
      }
    guard isName, name.lowercased() == name else {
      throw ValidationError(
        "'\(name)' is no name of a package; write small letters, digits, '-' and '_', a letter first")
    }
    if ["procession", "test", "main"].contains(name) {
      throw ValidationError("'\(name)' is taken; choose another name")
    }
  }

  func run() throws {
    guard let dependency else {
      Terminal.printError(
        "error: the folder that this program was built in is gone; say where Procession is, with --procession"
      )
      throw ExitCode(ExitStatusTable.usage)
    }
    if mkdir(name, 0o777) != 0 {
      let reason = errno == EEXIST ? "it is there already" : String(cString: strerror(errno))
      Terminal.printError("error: the folder '\(name)' can't be made: \(reason); choose another name")
      throw ExitCode(ExitStatusTable.usage)
    }
    do {
      for file in PackageTemplate(name: name, dependency: dependency).files {
        try Self.write(file.text, to: "\(name)/\(file.path)")
      }
    } catch {
      Terminal.printError("error: \(error)")
      throw ExitCode(ExitStatusTable.failed)
    }
    Terminal.printOutput(
      """
      wrote \(name), which depends on \(dependency); next:
        cd \(name)
        swift test
        swift run \(name) run pipelines/\(name).yaml
      """)
  }

  /// A folder with a Package.swift, an address as it is, or nil.
  private var dependency: String? {
    if let procession {
      guard !procession.contains("://"), let path = realpath(procession, nil) else { return procession }
      defer { free(path) }
      return String(cString: path)
    }
    let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    return access("/\(root)/Package.swift", R_OK) == 0 ? "/\(root)" : nil
  }

  private static func write(_ text: String, to path: String) throws(SystemCallError) {
    let parts = path.split(separator: "/")
    for count in 1..<parts.count {
      let folder = parts.prefix(count).joined(separator: "/")
      if mkdir(folder, 0o777) != 0 && errno != EEXIST { throw .last("mkdir", folder) }
    }
    let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_EXCL, permissions: 0o666)
    try file.writeAll(Array(text.utf8))
  }
}
