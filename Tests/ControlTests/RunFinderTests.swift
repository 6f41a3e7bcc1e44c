import Control
import Glibc
import POSIXKit
import TestSupport
import Testing

/// Finding runs by their folders. A run that answers takes a process of its own: see the end-to-end tests.
@Suite struct RunFinderTests {
  /// A folder of runs' folders.
  private struct Parent {
    private let folder = TemporaryFolder()
    var path: String { folder.path }

    func makeFolder(_ name: String, mode: mode_t = 0o700) -> String {
      mkdir("\(path)/\(name)", mode)
      chmod("\(path)/\(name)", mode)
      return "\(path)/\(name)/control"
    }

    var runs: [FoundRun] { RunFinder.runs(in: [path], patience: .milliseconds(20)) }
  }

  @Test func `where nothing is, nothing is found`() {
    #expect(RunFinder.runs(in: ["/nowhere"], patience: .milliseconds(20)).isEmpty)
    #expect(Parent().runs.isEmpty)
  }

  @Test func `a socket that nobody serves any more is passed over`() throws {
    let parent = Parent()
    _ = try Descriptor.open(parent.makeFolder("procession-stale0"), O_CREAT | O_WRONLY)
    #expect(parent.runs.isEmpty)
  }

  @Test func `a run that does not answer is told of, and waited for no longer than its patience`() throws {
    let parent = Parent()
    let path = parent.makeFolder("procession-silent")
    let listener = try LocalListener(path: path)
    let found = parent.runs
    #expect(found.map(\.socket) == [path] && found.allSatisfy { $0.status == nil })
    withExtendedLifetime(listener.path) {}
  }

  @Test func `a folder that others may look into, or with another name, is no run's`() throws {
    let parent = Parent()
    let open = try LocalListener(path: parent.makeFolder("procession-open00", mode: 0o755))
    let other = try LocalListener(path: parent.makeFolder("something-else"))
    #expect(parent.runs.isEmpty)
    withExtendedLifetime((open.path, other.path)) {}
  }
}
