import Foundation
import Multiprocessing
import Testing

/// What the documentation shows is what runs.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct ArticleTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  @Test func `the article's example is the file that is built`() throws {
    let path = "Sources/Multiprocessing/Multiprocessing.docc/Multiprocessing.md"
    let article = try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    let file = try String(
      contentsOf: Self.root.appending(path: "Tests/ProcessExample/main.swift"), encoding: .utf8)
    #expect(article.contains("```swift\n\(file)```\n"))
  }

  @Test(arguments: StartMethod.allCases)
  func `the example runs`(_ method: StartMethod) throws {
    let run = try LibraryRun("ProcessExample", [method.rawValue])
    try run.end()
    #expect(run.status == 0)
    #expect(run.output == "hello bob\n")
    #expect(run.errors == "")
  }
}
