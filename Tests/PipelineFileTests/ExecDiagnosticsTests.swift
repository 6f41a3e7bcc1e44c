import Glibc
import Testing

import PipelineFile

/// What is said about `exec`.
@Suite struct ExecDiagnosticsTests {
  static func exec(_ fields: String) -> String { withStage("steps:\n  - exec: \(fields)") }

  static let cases: [Said] = [
    Said("the least", exec("{ command: [cat] }")),
    Said(
      "all of it",
      exec(
        "{ command: [sh, -c, '', 5], shell: false, per: line, input: csv, output: json, columns: [a, b], deadline: none, "
          + "window: 1, restart: { max: 0, backoff: 1ms..2s }, env: { A: 1, B: }, cwd: data }")),
    Said("a shell", exec("{ command: 'cat | sort', shell: true, per: batch }")),
    Said("a shell in a list", exec("{ command: ['cat | sort'], shell: true, per: batch }")),
    Said("a path", exec("{ command: [/bin/sh, x.sh] }")),
    Said(
      "no command", exec("{ per: line }"),
      "p.yaml:5:15: error: 'exec' in step 1 of stage 's' has no 'command'; add 'command: [program, argument]'"
    ),
    Said(
      "an empty command", exec("{ command: [] }"),
      "p.yaml:5:26: error: 'command' is an empty list; write [program, argument]"),
    Said(
      "an empty name", exec("{ command: [''] }"), "p.yaml:5:27: error: 'command' is empty; write a value"),
    Said(
      "a text without a shell", exec("{ command: python3 -u x.py }"),
      "p.yaml:5:26: error: 'command' is a list of the program and its arguments, and this is a text; write [python3, -u, x.py], or set 'shell: true'"
    ),
    Said(
      "a list with a shell", exec("{ command: [cat, x], shell: true }"),
      "p.yaml:5:26: error: with 'shell: true' the command is one text, and this is a list; write it as /bin/sh shall read it, or remove 'shell'"
    ),
    Said(
      "not in PATH", exec("{ command: [no-such-program, -x] }"),
      "p.yaml:5:27: error: there is no program 'no-such-program' in PATH; install it, or write its path (paths start at $DIR)"
    ),
    Said(
      "all in one word", exec("{ command: ['python3 -u x.py'] }"),
      "p.yaml:5:27: error: there is no program 'python3 -u x.py' in PATH; write each argument as an item of its own, or set 'shell: true'"
    ),
    Said(
      "beside the file", exec("{ command: [run.sh] }"),
      "p.yaml:5:27: error: there is no program 'run.sh' in PATH; write './run.sh' for the one in $DIR"),
    Said(
      "no such path", exec("{ command: [data/run.sh] }"),
      "p.yaml:5:27: error: the program 'data/run.sh' does not exist; paths start at $DIR"),
    Said(
      "a folder", exec("{ command: [./data] }"),
      "p.yaml:5:27: error: './data' is no file, so it is no program; name the program's file"),
    Said(
      "not executable", exec("{ command: [./run.sh] }"),
      "p.yaml:5:27: error: the file './run.sh' may not be run as a program; make it executable (chmod +x), or write its interpreter before it: [python3, ./run.sh]"
    ),
    Said(
      "a home", exec("{ command: [~/run.sh] }"),
      "p.yaml:5:27: error: '~' has no meaning here; write ${HOME}/run.sh"),
    Said(
      "per what", exec("{ command: [cat], per: record }"),
      "p.yaml:5:38: error: 'per': 'record' is not one of the choices; write line or batch"),
    Said(
      "no form", exec("{ command: [cat], input: xml, output: csv }"),
      "p.yaml:5:40: error: 'input': 'xml' is not one of the choices; write json, csv or lines",
      "p.yaml:5:53: error: 'output': 'csv' is not one of the choices; write json or lines"),
    Said(
      "columns of what", exec("{ command: [cat], columns: [a] }"),
      "p.yaml:5:33: error: 'columns' are those of 'input: csv'; write that, or remove it"),
    Said(
      "columns twice", exec("{ command: [cat], input: csv, columns: [a, a] }"),
      "p.yaml:5:58: error: 'columns' names 'a' twice; name it once"),
    Said(
      "a window for batches", exec("{ command: [cat], per: batch, window: 3 }"),
      "p.yaml:5:45: error: 'window' is for 'per: line': a process for each batch gets all of it; remove it"),
    Said(
      "no window", exec("{ command: [cat], window: 0 }"),
      "p.yaml:5:41: error: 'window': 0 is out of range; write a number from 1 to 1000000"),
    Said(
      "no unit", exec("{ command: [cat], deadline: 5 }"),
      "p.yaml:5:43: error: 'deadline': the duration '5' has no unit; write 5s"),
    Said(
      "restart", exec("{ command: [cat], restart: never }"),
      "p.yaml:5:42: error: 'restart' of 'exec' in step 1 of stage 's' must be a mapping, and this is a text; known keys: max, backoff"
    ),
    Said(
      "env", exec("{ command: [cat], env: { 'A=B': 1 }, cwd: nowhere }"),
      "p.yaml:5:40: error: 'A=B' is no name of an environment variable; write one such as LANG",
      "p.yaml:5:57: error: the folder 'nowhere' does not exist; make it; paths start at $DIR"),
    Said(
      "a file to stand in", exec("{ command: [cat], cwd: data/odd.dat }"),
      "p.yaml:5:38: error: 'data/odd.dat' is no folder; name a folder"),
    Said(
      "unknown", exec("{ command: [cat], comand: 1 }"),
      "p.yaml:5:33: error: unknown key 'comand' in 'exec' in step 1 of stage 's'; did you mean 'command'? known: command, shell, per, input, output, columns, deadline, window, restart, env, cwd"
    ),
    Said(
      "steps behind a batch",
      withStage("steps:\n  - exec: { command: [cat], per: batch }\n  - filter: .a"),
      "p.yaml:5:9: error: step 1 of stage 's' is an 'exec' with 'per: batch', and steps follow it: which record its output came from is not known; make the steps behind it a stage of their own"
    ),
  ]

  private static func workspace() -> Workspace {
    let workspace = Workspace()
    workspace.environment["PATH"] = "/usr/bin:/bin"
    workspace.write("run.sh", "#!/bin/sh\n")
    return workspace
  }

  @Test(arguments: cases) func says(_ said: Said) {
    #expect(Self.workspace().said(about: said.text) == said.expected)
  }

  private func plan(_ fields: String, in workspace: Workspace = workspace()) throws -> (StagePlan, ExecPlan) {
    let loaded = try workspace.load(text: Self.exec(fields)).get()
    guard case .steps(let steps) = loaded.plan.stages[1].work, case .exec(let exec) = steps[0] else {
      throw Wrong()
    }
    return (loaded.plan.stages[1], exec)
  }

  private struct Wrong: Error {}

  @Test func whatIsLeftOutHasItsDefault() throws {
    let workspace = Self.workspace()
    let (stage, exec) = try plan("{ command: [cat, -u] }", in: workspace)
    #expect(exec.per == .line && exec.input == nil && exec.output == nil && !exec.shell)
    #expect(exec.deadline == 60_000_000_000 && exec.window == 1_024 && exec.restart == .standard)
    #expect(exec.program.hasSuffix("/bin/cat") && exec.folder == workspace.path)
    #expect(stage.startMethod == .spawn)
    #expect(stage.startMethodReason == "runs cat, which inherits nothing of the supervisor's that way")
    #expect(try plan("{ command: [cat], per: batch }").1.deadline == 600_000_000_000)
  }

  @Test func aRelativeProgramStartsAtTheFile() throws {
    let workspace = Self.workspace()
    chmod(workspace.path + "/run.sh", 0o755)
    #expect(try plan("{ command: [./run.sh] }", in: workspace).1.program == workspace.path + "/run.sh")
    let own = try plan("{ command: [run.sh], env: { PATH: . } }", in: workspace).1
    #expect(own.program == workspace.path + "/run.sh")
  }

  @Test func aTableIsPreloadedAllTheSame() throws {
    let text = withStage(
      "steps:\n  - lookup: { table: data/airlines.csv, key: .a, as: x, table_key: carrier }\n  - exec: { command: [cat] }"
    )
    #expect(try Self.workspace().load(text: text).get().plan.stages[1].startMethod == .forkserver)
  }

  /// What the program makes counts as changed by all that it depends on, and by nothing else.
  @Test(arguments: [
    ("{ command: [cat], deadline: 5s, window: 3, restart: { max: 2 } }", false),
    ("{ command: [cat, -u] }", true), ("{ command: [cat], per: batch }", true),
    ("{ command: [cat], input: json }", true), ("{ command: [cat], env: { A: b } }", true),
    ("{ command: [cat], cwd: data }", true),
  ])
  func changes(_ fields: String, _ isChange: Bool) throws {
    let workspace = Self.workspace()
    let old = try workspace.load(text: Self.exec("{ command: [cat] }")).get().plan
    let new = try workspace.load(text: Self.exec(fields)).get().plan
    let found = new.changes(since: old)
    #expect(found.isEmpty != isChange, "\(found)")
  }
}
