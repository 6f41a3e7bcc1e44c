import FoundationEssentials
import POSIXKit

/// What a detached run tells the command that started it, once: that it is ready, or how it ended before.
final class DetachedVerdict {
  struct Message: Codable, Equatable {
    var isReady: Bool
    /// The exit status of a run that has ended.
    var status: Int32
    /// What it said at its end.
    var text: String
  }

  private var pipe: Descriptor?
  private var text = ""

  init(_ pipe: consuming Descriptor) { self.pipe = consume pipe }

  func ready() { tell(Message(isReady: true, status: 0, text: "")) }

  /// Keeps what a run says at its end.
  func say(_ text: String) { self.text = text }

  func refused(_ text: String, _ status: Int32) { tell(Message(isReady: false, status: status, text: text)) }

  func ended(_ status: Int32) { tell(Message(isReady: false, status: status, text: text)) }

  private func tell(_ message: Message) {
    guard pipe != nil, let bytes = try? JSONEncoder().encode(message) else { return }
    // Whoever waited for it may be gone, and the run goes on without.
    try? pipe!.writeAll(Array(bytes))
    pipe = nil
  }
}
