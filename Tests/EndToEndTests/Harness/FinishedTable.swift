/// The closing table of a run.
struct FinishedTable {
  struct NoTable: Error {}

  private(set) var recordsIn: [Substring: Int] = [:]
  private(set) var recordsOut: [Substring: Int] = [:]
  private(set) var filtered: [Substring: Int] = [:]
  private(set) var dead: [Substring: Int] = [:]

  init(_ errors: String) throws {
    let lines = errors.split(separator: "\n").map { $0.split(separator: " ") }
    guard let header = lines.lastIndex(where: { $0.first == "stage" && $0.last == "restarts" })
    else { throw NoTable() }
    for line in lines[(header + 1)...].prefix(while: { $0.count == lines[header].count }) {
      let numbers = line[3...].map { Int($0.filter { $0 != "," }) ?? -1 }
      recordsIn[line[0]] = numbers[0]
      recordsOut[line[0]] = numbers[1]
      filtered[line[0]] = numbers[2]
      dead[line[0]] = numbers[3]
    }
  }
}
