/// The known name that somebody who wrote `word` most likely meant, or nil if none is near.
func nearest(to word: String, among known: [String]) -> String? {
  let limit = max(1, word.unicodeScalars.count / 3)
  var best: (name: String, distance: Int)?
  for name in known {
    let distance = editDistance(word.lowercased(), name.lowercased())
    if distance <= limit, distance < best?.distance ?? Int.max { best = (name, distance) }
  }
  return best?.name
}

/// How many insertions, removals, replacements and swaps of neighbours lead from one word to the other.
func editDistance(_ left: String, _ right: String) -> Int {
  let a = Array(left.unicodeScalars.prefix(100))
  let b = Array(right.unicodeScalars.prefix(100))
  guard !a.isEmpty else { return b.count }
  guard !b.isEmpty else { return a.count }
  var beforePrevious: [Int] = []
  var previous = Array(0...b.count)
  for i in 1...a.count {
    var current = [i]
    for j in 1...b.count {
      var cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
        cost = min(cost, beforePrevious[j - 2] + 1)
      }
      current.append(cost)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[b.count]
}
