/// Joins stages by `from`, and complains of whatever makes no acyclic graph from sources to sinks.
struct Wiring {
  let reading: Reading
  let drafts: [StageDraft]
  /// Indices of the stages that each stage reads.
  private(set) var upstream: [[Int]]
  /// Whether a `from` is wrong: what follows from that is not told as well.
  private var hasBrokenEdges = false

  init(_ drafts: [StageDraft], stagesPlace: Place, reading: Reading) {
    self.drafts = drafts
    self.reading = reading
    upstream = Array(repeating: [], count: drafts.count)
    if drafts.contains(where: { $0.from != nil }) { joinByName() } else { joinInOrder() }
    checkEnds(at: stagesPlace)
    if !checkCycles() && !hasBrokenEdges { checkReaders() }
  }

  var downstream: [[Int]] {
    drafts.indices.map { index in drafts.indices.filter { upstream[$0].contains(index) } }
  }

  private mutating func joinInOrder() {
    for (index, draft) in drafts.enumerated() {
      if index == 0 {
        if let kind = draft.kind, kind != .source {
          reading.error(
            "\(draft.owner) has nothing to read", "begin with a stage that has 'source'", at: draft.place)
          hasBrokenEdges = true
        }
        continue
      }
      guard draft.kind != .source else { continue }
      reading.note(draft.owner, "from", drafts[index - 1].name)
      if drafts[index - 1].kind == .sink {
        reading.error(
          "\(draft.owner) cannot follow the sink \(quoted(drafts[index - 1].name))",
          "write 'from: ...' in every stage but sources", at: draft.place)
        hasBrokenEdges = true
      } else {
        upstream[index] = [index - 1]
      }
    }
  }

  private mutating func joinByName() {
    let names = drafts.map(\.name)
    for (index, draft) in drafts.enumerated() {
      if draft.kind == .source {
        guard draft.from != nil else { continue }
        reading.error(
          "\(draft.owner) is a source and reads no stage", "remove 'from'", at: draft.fromPlace ?? draft.place
        )
        hasBrokenEdges = true
        continue
      }
      guard let from = draft.from else {
        reading.error(
          "\(draft.owner) has no 'from'", "name the stages that it reads, as the others do", at: draft.place)
        hasBrokenEdges = true
        continue
      }
      if from.isEmpty { hasBrokenEdges = true }
      for name in from {
        guard let target = names.firstIndex(of: name.name) else {
          let hint = nearest(to: name.name, among: names).map { "did you mean \(quoted($0))? " } ?? ""
          reading.error(
            "there is no stage \(quoted(name.name))", "\(hint)stages: \(names.joined(separator: ", "))",
            at: name.place)
          hasBrokenEdges = true
          continue
        }
        if drafts[target].kind == .sink {
          reading.error(
            "\(quoted(name.name)) is a sink, which nothing can read", "read what it reads", at: name.place)
          hasBrokenEdges = true
        } else {
          upstream[index].append(target)
        }
      }
    }
  }

  private func checkEnds(at place: Place) {
    guard drafts.allSatisfy({ $0.kind != nil }) else { return }
    if !drafts.contains(where: { $0.kind == .source }) {
      reading.error("no stage has a 'source'", "add one that reads a file", at: place)
    }
    if !drafts.contains(where: { $0.kind == .sink }) {
      reading.error("no stage has a 'sink'", "add one that writes a file or to stdout", at: place)
    }
  }

  private func checkReaders() {
    for (index, draft) in drafts.enumerated() where draft.kind != .sink && draft.kind != nil {
      if upstream.contains(where: { $0.contains(index) }) { continue }
      reading.error(
        "nothing reads \(draft.owner)", "add 'from: \(draft.name)' to another stage, or remove it",
        at: draft.place)
    }
  }

  /// Says each cycle once, at its first stage in the file. True if there was one.
  private func checkCycles() -> Bool {
    var state = Array(repeating: 0, count: drafts.count)
    var found = false
    for root in drafts.indices where state[root] == 0 {
      var path: [(stage: Int, next: Int)] = [(root, 0)]
      state[root] = 1
      while let top = path.last {
        guard top.next < upstream[top.stage].count else {
          state[top.stage] = 2
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        let stage = upstream[top.stage][top.next]
        if state[stage] == 0 {
          state[stage] = 1
          path.append((stage, 0))
        } else if state[stage] == 1, let start = path.firstIndex(where: { $0.stage == stage }) {
          report(cycle: path[start...].map(\.stage))
          found = true
        }
      }
    }
    return found
  }

  private func report(cycle: [Int]) {
    guard let first = cycle.min(), let start = cycle.firstIndex(of: first) else { return }
    // The walk goes upstream; records flow the other way.
    let ordered = (cycle[start...] + cycle[..<start]).map { drafts[$0].name }
    let flow = ([ordered[0]] + ordered.dropFirst().reversed() + [ordered[0]]).joined(separator: " -> ")
    let what = cycle.count == 1 ? "\(drafts[first].owner) reads itself" : "the stages form a cycle: \(flow)"
    reading.error(
      what, "break it: records flow from sources to sinks", at: drafts[first].fromPlace ?? drafts[first].place
    )
  }
}
