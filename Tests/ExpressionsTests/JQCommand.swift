import Glibc
import Testing

/// Runs `/usr/bin/jq`.
enum JQCommand {
  /// Its standard output for `arguments` (of which none may need quoting for more than single quotes).
  static func run(_ arguments: [String], input: String) throws -> String {
    var template = Array("/tmp/jq-test-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    try #require(descriptor >= 0)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    let bytes = Array(input.utf8)
    try #require(write(descriptor, bytes, bytes.count) == bytes.count)
    close(descriptor)

    let quoted = arguments.map { "'\($0)'" }.joined(separator: " ")
    let stream = try #require(popen("/usr/bin/jq \(quoted) < \(path)", "r"))
    var output: [UInt8] = []
    while case let byte = fgetc(stream), byte != EOF { output.append(UInt8(byte)) }
    try #require(pclose(stream) == 0)
    return String(decoding: output, as: UTF8.self)
  }
}
