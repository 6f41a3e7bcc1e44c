import Glibc

/// Programs that the tests give work to, where the machine has them.
enum Programs {
  static let hasPython = access("/usr/bin/python3", X_OK) == 0
  static let hasJq = access("/usr/bin/jq", X_OK) == 0

  /// awk that answers at once: mawk reads ahead otherwise, and others do not know its option.
  static let awk: String = {
    var path = [CChar](repeating: 0, count: 4096)
    let isMawk = realpath("/usr/bin/awk", &path).map { String(cString: $0).hasSuffix("mawk") } ?? false
    return isMawk ? "awk, -W, interactive" : "awk"
  }()

  /// Answers each number with its double, drops those that 3 divides; what else a case asks for comes first.
  static func python(_ cases: String = "") -> String {
    """
    import json, os, sys, time
    for line in sys.stdin:
        record = json.loads(line)
        n = record["n"]
    \(cases)
        print(json.dumps({"n": n, "double": 2 * n}) if n % 3 else "")
    """
  }

  /// What it makes of the numbers up to `count`, but for some.
  static func doubles(_ count: Int, without: [Int] = []) -> String {
    (0..<count).filter { $0 % 3 != 0 && !without.contains($0) }
      .map { "{\"n\": \($0), \"double\": \(2 * $0)}\n" }.joined()
  }
}

extension Workspace {
  /// Numbers, one a line, in `in.jsonl`.
  func writeNumbers(_ count: Int) {
    write("in.jsonl", (0..<count).map { "{\"n\":\($0)}\n" }.joined())
  }

  /// A pipeline in `p.yaml` whose stage `work` has these steps.
  func writePipeline(_ steps: String, keys: String = "", workers: Int = 2, input: String = "in.jsonl") {
    write(
      "p.yaml",
      """
      stages:
        read: { source: { file: \(input) } }
        work:
          workers: \(workers)
          restart: { max: 1000, within: 1m, backoff: 1ms..5ms }
      \(keys.split(separator: "\n").map { "    \($0)\n" }.joined())    steps:
      \(steps.split(separator: "\n").map { "      \($0)" }.joined(separator: "\n"))
        write: { restart: { max: 1000, within: 1m, backoff: 1ms..5ms }, sink: { file: out.jsonl } }
      """)
  }
}
