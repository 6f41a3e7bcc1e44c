extension Plan {
  /// The plan of a run that puts dead letters back in at the stages where they fell out.
  ///
  /// Each of `letters` becomes a source that feeds its stage or, where that is a source itself, the stages that
  /// read it; what is not below any of these is left out. Letters of a stage that this plan does not have are,
  /// too. Judged by no limit: that records fail again is to be expected, and each is a letter once more.
  package func replaying(_ letters: [LetterSourcePlan]) -> Plan {
    let known = letters.compactMap { letter in
      declaredStages.firstIndex { $0.name == letter.stage }.map { (index: $0, letter: letter) }
    }.sorted { $0.index < $1.index }
    let fed = known.map { stages[$0.index].isSource ? stages[$0.index].downstream : [$0.index] }
    let kept = below(fed.flatMap { $0 })
    var numbers: [Int?] = Array(repeating: nil, count: stages.count)
    for (place, index) in kept.enumerated() { numbers[index] = known.count + place }
    var plan = self
    plan.deadLetters.limit = .none
    plan.stages = zip(known, fed).map { known, fed in
      stages[known.index].letterSource(known.letter, feeding: fed.compactMap { numbers[$0] })
    }
    for index in kept {
      var stage = stages[index]
      stage.upstream =
        fed.indices.filter { fed[$0].contains(index) } + stage.upstream.compactMap { numbers[$0] }
      stage.downstream = stage.downstream.compactMap { numbers[$0] }
      plan.stages.append(stage)
    }
    let senders = plan.stages.indices.filter { plan.stages[$0].errors.onError == .deadLetter }
    if var keeper = stages.last, keeper.work == .deadLetters, !senders.isEmpty {
      keeper.upstream = senders
      plan.stages.append(keeper)
    }
    return plan
  }

  /// These stages and all that their records reach, in plan order.
  private func below(_ first: [Int]) -> [Int] {
    var isSeen = Array(repeating: false, count: stages.count)
    var waiting = first
    while let next = waiting.popLast() {
      if isSeen[next] { continue }
      isSeen[next] = true
      waiting += stages[next].downstream
    }
    return stages.indices.filter { isSeen[$0] }
  }
}

extension StagePlan {
  fileprivate var isSource: Bool {
    work.isSource
  }

  /// What a source gives up again falls out of it once more, so it goes by its name; the name for others is one
  /// that no file can declare.
  fileprivate func letterSource(_ letters: LetterSourcePlan, feeding fed: [Int]) -> StagePlan {
    var letters = letters
    if case .source(let source) = work { letters.format = source.format }
    if case .userSource = work { letters.format = .jsonLines }
    return StagePlan(
      name: isSource ? name : "letters of \(name)", position: position, upstream: [], downstream: fed,
      workers: 1, requestedStartMethod: .auto, startMethod: .fork, startMethodReason: "reads dead letters",
      restart: restart, errors: isSource ? errors : ErrorPlan(onError: .fail), work: .letters(letters))
  }
}
