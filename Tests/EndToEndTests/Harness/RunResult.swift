/// What a run came to.
struct RunResult {
  /// N for exit status N, -N for signal N.
  let status: Int32
  let output: [UInt8]
  let errors: String

  var outputText: String { String(decoding: output, as: UTF8.self) }
}
