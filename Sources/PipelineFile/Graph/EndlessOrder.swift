/// Settles the order of sinks to which streams come that can't be waited for: from a source that never ends, or
/// from stages that keep state and may owe records until their end.
struct EndlessOrder {
  let reading: Reading

  func settle(_ drafts: [StageDraft], upstream: [[Int]]) -> [StageDraft] {
    var drafts = drafts
    for index in drafts.indices {
      guard case .sink(var sink) = drafts[index].work else { continue }
      guard let obstacle = obstacle(before: index, drafts, upstream) else {
        if drafts[index].orderPlace == nil { reading.note(drafts[index].owner, "order", "source") }
        continue
      }
      guard let place = drafts[index].orderPlace else {
        sink.order = .any
        drafts[index].work = .sink(sink)
        reading.note(drafts[index].owner, "order", "any, as \(obstacle.reason)")
        continue
      }
      if sink.order == .source {
        reading.error("\(drafts[index].owner) \(obstacle.consequence)", "write 'order: any'", at: place)
      }
    }
    return drafts
  }

  private struct Obstacle {
    var reason: String
    var consequence: String
  }

  /// Why the order of the sources can't be that of a stage's input; nil where it can.
  /// `passed` are stages below: a graph with a cycle is complained of elsewhere.
  private func obstacle(
    before stage: Int, _ drafts: [StageDraft], _ upstream: [[Int]], passed: [Int] = []
  ) -> Obstacle? {
    if passed.contains(stage) { return nil }
    let origins = origins(of: stage, drafts, upstream, passed: passed + [stage])
    guard let keeper = origins.first(where: { drafts[$0].keepsState }) else {
      let sources = Set(origins)
      guard sources.count > 1, let endless = sources.sorted().first(where: { drafts[$0].isEndless }) else {
        return nil
      }
      return Obstacle(
        reason: "\(drafts[endless].owner) never ends",
        consequence: "waits for an end that never comes: \(drafts[endless].owner) never ends")
    }
    // The only stream there is has an order, and it is as reproducible as what its stage reads.
    if origins.count == 1 && drafts[keeper].workers == 1 {
      return obstacle(before: keeper, drafts, upstream, passed: passed + [stage])
    }
    let owner = drafts[keeper].owner
    return Obstacle(
      reason: "\(owner) keeps state and may owe records until its end",
      consequence: "can't write in the order of the sources: \(owner) keeps state and may owe records until "
        + "its end")
  }

  /// The sources and stages with state from which records come to a stage without passing another one, one for
  /// each path and, on it, each part that a key makes.
  private func origins(
    of stage: Int, _ drafts: [StageDraft], _ upstream: [[Int]], passed: [Int]
  ) -> [Int] {
    upstream[stage].flatMap { above -> [Int] in
      if passed.contains(above) { return [] }
      if drafts[above].kind == .source || drafts[above].keepsState { return [above] }
      let found = origins(of: above, drafts, upstream, passed: passed + [above])
      let parts = drafts[above].key == nil ? 1 : drafts[above].workers
      return (0..<parts).flatMap { _ in found }
    }
  }
}

extension StageDraft {
  fileprivate var isEndless: Bool {
    work?.isEndless ?? false
  }

  fileprivate var keepsState: Bool {
    if case .custody = work { return true }
    return false
  }
}
