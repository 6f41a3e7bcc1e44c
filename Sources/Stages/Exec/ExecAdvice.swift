import PipelineFile

/// What would be right, by program.
enum ExecAdvice {
  /// Most programs keep what they write until there is a lot of it.
  static func flushing(_ plan: ExecPlan) -> String {
    let base = "it must answer each line at once, with an empty one where it has nothing to say"
    if plan.shell { return "\(base): its programs must not keep their output, such as by 'stdbuf -oL'" }
    let name = plan.name
    if name.hasPrefix("python") { return "\(base): run 'python3 -u', or flush after each answer" }
    if name.hasSuffix("awk") {
      return "\(base): call fflush() after each answer, and run mawk as 'awk -W interactive'"
    }
    switch name {
    case "jq": return "\(base): run 'jq --unbuffered -c'"
    case "grep", "egrep", "fgrep": return "\(base), which grep does not do for lines that do not match"
    case "sed": return "\(base): run 'sed -u'"
    case "perl": return "\(base): set $| = 1"
    case "ruby": return "\(base): set $stdout.sync = true"
    default: return "\(base); where its output is kept until there is much of it, 'stdbuf -oL' may help"
    }
  }
}
