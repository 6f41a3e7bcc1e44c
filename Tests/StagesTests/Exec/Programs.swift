import Glibc
import PipelineFile
import Records
import Stages

extension StepPlan {
  /// A step that runs a shell script; `$0` and on are the arguments.
  static func script(
    _ text: String, per: ExecPlan.Unit = .line, input: ExecPlan.Input? = nil, output: ExecPlan.Output? = nil,
    columns: [String]? = nil, deadline: UInt64? = 20_000_000_000, window: Int = ExecPlan.standardWindow,
    restart: ExecPlan.Restart = .init(max: 10, firstBackoff: 1_000_000, lastBackoff: 1_000_000),
    environment: [ExecPlan.Variable] = [], folder: String = "/tmp"
  ) -> StepPlan {
    // A worker ignores it, too: a program that does not read is no reason to die.
    signal(SIGPIPE, SIG_IGN)
    return .exec(
      ExecPlan(
        command: [text], shell: true, per: per, input: input, output: output, columns: columns,
        deadline: deadline, window: window, restart: restart, environment: environment, program: "/bin/sh",
        folder: folder, position: .test))
  }

  /// awk that answers at once, whichever awk it is.
  static func awk(_ program: String, input: ExecPlan.Input? = nil, output: ExecPlan.Output? = nil) -> StepPlan
  {
    .script(
      "if awk -W version 2>&1 </dev/null | grep -q mawk; then i='-W interactive'; fi\n"
        + "exec awk $i '{ \(program); fflush() }'", input: input, output: output)
  }
}

/// A batch whose records are these lines.
func batch(_ lines: [String], _ format: RecordFormat = .line, schema: CSVSchema? = nil) -> OwnedBatch {
  var buffer = BatchBuffer(capacity: 64)
  for line in lines {
    buffer.append(contentsOf: line)
    buffer.append(UInt8(ascii: "\n"))
  }
  return OwnedBatch(
    format: format, framing: schema == nil ? .newline : .csv, recordCount: lines.count,
    provenance: Provenance(line: 1), schema: schema?.encode() ?? [], payload: buffer)
}

/// What a chain made of a batch, with the letters of what it refused.
struct Made {
  var text: String
  var filtered: Int
  var letters: [Letter]
  var batch: OwnedBatch

  init(_ chain: Chain, _ batch: OwnedBatch, policy: ErrorPlan.OnError = .deadLetter) throws {
    var errors = RecordErrors(policy: policy, worker: "clean.0")
    let made = try chain(batch, &errors)
    text = made.batch.text
    filtered = made.filtered
    letters = errors.takeLetters()
    self.batch = made.batch
  }

  var reasons: [String] {
    letters.map { letter in
      guard case .error(let text) = letter.cause else { return "" }
      return "\(letter.line): \(text)"
    }
  }
}
