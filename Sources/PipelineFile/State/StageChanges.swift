/// What of one stage has changed so that a state does not fit it any more.
struct StageChanges {
  struct Change {
    var message: String
    var at: SourcePosition
  }

  let old: StagePlan
  let new: StagePlan
  let oldFolder: String
  let newFolder: String
  let oldVars: [Plan.Variable]
  let newVars: [Plan.Variable]

  var all: [Change] {
    switch (old.work, new.work) {
    case (.source(let before), .source(let after)): source(before, after)
    case (.userSource(let before), .userSource(let after)): workers + use(before.use, after.use, "source")
    case (.steps(let before), .steps(let after)): key + steps(before, after)
    case (.custody(let before), .custody(let after)): workers + key + use(before, after, "step")
    case (.sink(let before), .sink(let after)): key + sink(before, after)
    case (.letters, .letters): []
    default:
      [Change(message: "\(owner) \(Self.kind(new)) now, and \(Self.kind(old, was: true))", at: new.position)]
    }
  }

  /// The same, whatever became of the steps' programs and tables.
  var besidesSteps: [Change] {
    if case (.steps, .steps) = (old.work, new.work) { return key }
    return all
  }

  private var owner: String { "stage '\(new.name)'" }

  private static func kind(_ stage: StagePlan, was: Bool = false) -> String {
    switch stage.work {
    case .source, .userSource: was ? "was a source" : "is a source"
    case .steps: was ? "had steps" : "has steps"
    case .custody: was ? "kept state" : "keeps state"
    case .sink: was ? "was a sink" : "is a sink"
    case .letters: was ? "put letters back in" : "puts letters back in"
    case .deadLetters: was ? "kept dead letters" : "keeps dead letters"
    }
  }

  private func change(_ what: String, at position: SourcePosition? = nil) -> Change {
    Change(message: "\(owner): \(what)", at: position ?? new.position)
  }

  private var workers: [Change] {
    old.workers == new.workers ? [] : [change("its workers changed from \(old.workers) to \(new.workers)")]
  }

  private func source(_ before: FileSourcePlan, _ after: FileSourcePlan) -> [Change] {
    var changes = workers
    if before.pattern != after.pattern {
      changes.append(
        change(
          "it reads \(quoted(after.pattern)) now, and read \(quoted(before.pattern))", at: after.position))
    }
    changes += format(before.format, after.format, at: after.position)
    if before.follow != after.follow {
      changes.append(
        change(after.follow ? "it follows its file now" : "it does not follow its file any more"))
    }
    if before.spool != after.spool {
      changes.append(change(after.spool ? "it is spooled now" : "it is not spooled any more"))
    }
    return changes
  }

  private func format(_ before: FileFormat, _ after: FileFormat, at position: SourcePosition) -> [Change] {
    if before == after { return [] }
    let (old, new) = (FormatReader.name(before), FormatReader.name(after))
    let what = old == new ? "the options of its \(new) changed" : "its format changed from \(old) to \(new)"
    return [change(what, at: position)]
  }

  private var key: [Change] {
    switch (old.key, new.key) {
    case (nil, nil): return isSink ? workers : []
    case (nil, let after?): return [change("it has a key now", at: after.position)]
    case (_?, nil): return [change("it has no key any more")]
    case (let before?, let after?):
      // Each worker has its part of the keys, steps or not.
      if !Self.isSame(before, after) { return workers + [change("its key changed", at: after.position)] }
      return workers + variables(of: after, owner)
    }
  }

  private var isSink: Bool {
    if case .sink = new.work { return true }
    return false
  }

  private func steps(_ before: [StepPlan], _ after: [StepPlan]) -> [Change] {
    let (old, new) = (before.map(\.kind), after.map(\.kind))
    guard old == new else {
      return [
        change(
          "its steps are \(new.joined(separator: ", ")) now, and were \(old.joined(separator: ", "))")
      ]
    }
    return zip(before, after).enumerated().flatMap { index, pair in
      let step = "\(owner), step \(index + 1) (\(new[index]))"
      switch pair {
      case (.filter(let before), .filter(let after)), (.map(let before), .map(let after)):
        return Self.isSame(before, after)
          ? variables(of: after, step) : [Change(message: "\(step): its program changed", at: after.position)]
      case (.lookup(let before), .lookup(let after)): return lookup(before, after, step)
      case (.exec(let before), .exec(let after)): return exec(before, after, step)
      case (.use(let before), .use(let after)): return use(before, after, "step \(index + 1)")
      default: return []
      }
    }
  }

  private func exec(_ before: ExecPlan, _ after: ExecPlan, _ step: String) -> [Change] {
    var before = before
    before.position = after.position
    // Where the program was found is the machine's business, and how it is watched is no part of what it makes.
    before.program = after.program
    before.deadline = after.deadline
    before.window = after.window
    before.restart = after.restart
    if relative(before.folder, to: oldFolder) == relative(after.folder, to: newFolder)
      || before.folder == oldFolder && after.folder == newFolder
    {
      before.folder = after.folder
    }
    return before == after
      ? [] : [Change(message: "\(step): what it runs, or how, changed", at: after.position)]
  }

  /// `what` is the part of the stage that it is.
  private func use(_ before: UsePlan, _ after: UsePlan, _ what: String) -> [Change] {
    if before.name != after.name {
      return [
        change("its \(what) is \(quoted(after.name)) now, and was \(quoted(before.name))", at: after.position)
      ]
    }
    if before.settings.says(after.settings) { return [] }
    return [change("the settings of \(quoted(after.name)) changed", at: after.position)]
  }

  private func lookup(_ before: LookupPlan, _ after: LookupPlan, _ step: String) -> [Change] {
    var changes: [Change] = []
    func add(_ what: String, at position: SourcePosition? = nil) {
      changes.append(Change(message: "\(step): \(what)", at: position ?? after.position))
    }
    let (old, new) = (before.table, after.table)
    if relative(old.path, to: oldFolder) != relative(new.path, to: newFolder) {
      add("its table is \(quoted(new.shown)) now, and was \(quoted(old.path))")
    } else if old.size != new.size || old.modified != new.modified || old.inode != new.inode {
      add("the file of its table changed: \(quoted(new.shown))")
    }
    if before.format != after.format { add("the format of its table changed") }
    if before.tableKey != after.tableKey {
      add("its table_key is \(quoted(after.tableKey)) now, and was \(quoted(before.tableKey))")
    }
    if before.field != after.field {
      add("it adds \(quoted(after.field)) now, and added \(quoted(before.field))")
    }
    if before.missing != after.missing {
      add("its 'missing' changed from \(before.missing.rawValue) to \(after.missing.rawValue)")
    }
    if Self.isSame(before.key, after.key) {
      changes += variables(of: after.key, step)
    } else {
      add("its key changed", at: after.key.position)
    }
    return changes
  }

  private func sink(_ before: SinkPlan, _ after: SinkPlan) -> [Change] {
    var changes = target(before.target, after.target, at: after.position)
    changes += format(before.format, after.format, at: after.position)
    if before.order != after.order {
      changes.append(change("its order changed from \(before.order.rawValue) to \(after.order.rawValue)"))
    }
    return changes
  }

  private func target(
    _ before: SinkPlan.Target, _ after: SinkPlan.Target, at position: SourcePosition
  ) -> [Change] {
    switch (before, after) {
    case (.standardOutput, .standardOutput), (.discard, .discard): return []
    case (.user(let old), .user(let new)): return use(old, new, "sink")
    case (.file(let old), .file(let new)):
      var changes = path(old.path, new.path, new.shown, at: position)
      if old.rotation != new.rotation { changes.append(change("its 'rotate' changed", at: position)) }
      return changes
    case (.sqlite(let old), .sqlite(let new)):
      var changes = path(old.path, new.path, new.shown, at: position)
      if old.table != new.table {
        changes.append(
          change("its table is \(quoted(new.table)) now, and was \(quoted(old.table))", at: position))
      }
      if old.key != new.key { changes.append(change("the key of its table changed", at: position)) }
      if old.columns != new.columns {
        changes.append(change("the columns of its table changed", at: position))
      }
      return changes
    default:
      return [change("it writes to \(Self.name(after)) now, and wrote to \(Self.name(before))", at: position)]
    }
  }

  private func path(_ old: String, _ new: String, _ shown: String, at position: SourcePosition) -> [Change] {
    if relative(old, to: oldFolder) == relative(new, to: newFolder) { return [] }
    return [change("it writes \(quoted(shown)) now, and wrote \(quoted(old))", at: position)]
  }

  private static func name(_ target: SinkPlan.Target) -> String {
    switch target {
    case .file: "a file"
    case .sqlite: "a table"
    case .standardOutput: "standard output"
    case .discard: "nothing"
    case .user(let use): quoted(use.name)
    }
  }

  /// A folder that moved is told once, and not of each path in it.
  private func relative(_ path: String, to folder: String) -> Substring {
    path.hasPrefix(folder + "/") ? path.dropFirst(folder.count + 1) : path[...]
  }

  /// Blanks around a program mean nothing: YAML's `|` ends it with a line feed.
  private static func isSame(_ left: JQPlan, _ right: JQPlan) -> Bool {
    func core(_ program: String) -> Substring {
      var core = program[...]
      while core.last?.isWhitespace == true { core.removeLast() }
      return core.drop { $0.isWhitespace }
    }
    return core(left.program) == core(right.program)
  }

  private func variables(of program: JQPlan, _ user: String) -> [Change] {
    let use = VariableUse(program.program)
    return use.changed(from: oldVars, to: newVars).map { name in
      Change(message: "\(user): the variable \(quoted(name)) that it uses changed", at: program.position)
    }
  }
}
