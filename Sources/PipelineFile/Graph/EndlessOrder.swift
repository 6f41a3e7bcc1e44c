/// Settles the order of sinks that several sources reach, one of which never ends: the order of the sources
/// would wait for its end.
struct EndlessOrder {
  let reading: Reading

  func settle(_ drafts: [StageDraft], upstream: [[Int]]) -> [StageDraft] {
    var drafts = drafts
    for index in drafts.indices {
      guard case .sink(var sink) = drafts[index].work else { continue }
      let sources = sources(of: index, drafts, upstream)
      let endless = sources.first { drafts[$0].isEndless }
      if let endless, sources.count > 1 {
        guard let place = drafts[index].orderPlace else {
          sink.order = .any
          drafts[index].work = .sink(sink)
          reading.note(drafts[index].owner, "order", "any, as \(drafts[endless].owner) never ends")
          continue
        }
        if sink.order == .source {
          reading.error(
            "\(drafts[index].owner) waits for an end that never comes: \(drafts[endless].owner) never ends",
            "write 'order: any'", at: place)
        }
      } else if drafts[index].orderPlace == nil {
        reading.note(drafts[index].owner, "order", "source")
      }
    }
    return drafts
  }

  /// Those whose records reach a stage, in the order of the file.
  private func sources(of stage: Int, _ drafts: [StageDraft], _ upstream: [[Int]]) -> [Int] {
    var isSeen = Array(repeating: false, count: drafts.count)
    var waiting = upstream[stage]
    while let next = waiting.popLast() {
      if isSeen[next] { continue }
      isSeen[next] = true
      waiting += upstream[next]
    }
    return drafts.indices.filter { isSeen[$0] && drafts[$0].kind == .source }
  }
}

extension StageDraft {
  fileprivate var isEndless: Bool {
    work?.isEndless ?? false
  }
}
