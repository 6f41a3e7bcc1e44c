import PipelineFile
import Synchronization

/// The pipelines that this program has built, which commands take by their names instead of a file's path.
///
/// Registered at the top of `main`, before any process is started.
package enum BuiltPipelines {
  private static let documents = Mutex<[(name: String, document: SettingNode)]>([])

  /// A second one of the same name replaces the first.
  package static func register(_ name: String, _ document: SettingNode) {
    documents.withLock { documents in
      documents.removeAll { $0.name == name }
      documents.append((name, document))
    }
  }

  /// The names, in the order of their registration.
  package static var names: [String] { documents.withLock { $0.map(\.name) } }

  static func document(named name: String) -> SettingNode? {
    documents.withLock { $0.first { $0.name == name }?.document }
  }
}
