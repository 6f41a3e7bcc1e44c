import Foundation
import Multiprocessing
import TestSupport
import Testing

/// What the documentation shows is what runs.
@Suite struct ArticleTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test func theArticlesExampleIsTheFileThatIsBuilt() throws {
    let path = "Sources/ProcessPool/ProcessPool.docc/ProcessPool.md"
    let article = try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    let file = try String(
      contentsOf: Self.root.appending(path: "Tests/PoolExample/main.swift"), encoding: .utf8)
    #expect(article.contains("```swift\n\(file)```\n"))
  }

  @Test(arguments: StartMethod.allCases)
  func theExampleRuns(method: StartMethod) throws {
    let run = try FixtureRun(method.rawValue, program: "PoolExample")
    try run.program.end()
    #expect(run.program.status == 0)
    #expect(run.lines == ["[1, 4, 9]"])
    #expect(run.program.errors == "")
    #expect(run.poolFolders == [])
  }
}
