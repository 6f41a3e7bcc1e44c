/// What is due to happen at a moment of virtual time. Workers and channels are named by their number.
enum Event {
  case step(worker: Int)
  case arrive(channel: Int)
  case reap(worker: Int)
  case spawn(slot: Int)
  case announce(worker: Int)
  case report(Report, worker: Int)
  /// A worker that was declared dead and ran on ends.
  case halt(worker: Int)
  /// Every process dies, the supervisor's too, and all is started again.
  case killAll
  case rescale
  case drain
}

/// A word of a worker to the supervisor.
enum Report {
  /// A source has read its input to the end; its last sequence.
  case ended(last: UInt64)
  /// A source's batches are all done.
  case complete
  /// A source has stopped cutting; its last sequence.
  case halted(last: UInt64)
  /// A source has done all that a drain wants.
  case drained
  /// A sink has committed everything.
  case finished
}

/// A binary heap by time; events of one moment happen in the order in which they were added.
struct EventQueue {
  private struct Entry {
    var time: Int
    var order: Int
    var event: Event

    static func < (left: Entry, right: Entry) -> Bool {
      left.time != right.time ? left.time < right.time : left.order < right.order
    }
  }

  private var heap: [Entry] = []
  private var added = 0

  mutating func add(_ event: Event, at time: Int) {
    added += 1
    let entry = Entry(time: time, order: added, event: event)
    heap.append(entry)
    var index = heap.count - 1
    while index > 0 {
      let parent = (index - 1) / 2
      if heap[parent] < entry { break }
      heap[index] = heap[parent]
      index = parent
    }
    heap[index] = entry
  }

  mutating func popFirst() -> (time: Int, event: Event)? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if heap.isEmpty { return (first.time, first.event) }
    var index = 0
    while true {
      var child = 2 * index + 1
      if child >= heap.count { break }
      if child + 1 < heap.count && heap[child + 1] < heap[child] { child += 1 }
      if last < heap[child] { break }
      heap[index] = heap[child]
      index = child
    }
    heap[index] = last
    return (first.time, first.event)
  }

  /// Forgets all but what the world outside does to the pipeline.
  mutating func forgetProcesses() {
    let kept = heap.filter { entry in
      switch entry.event {
      case .killAll, .rescale, .drain: true
      default: false
      }
    }
    heap = []
    for entry in kept.sorted(by: <) { add(entry.event, at: entry.time) }
  }
}
