import Glibc

/// A terminal taken over for a full-screen view: another screen, no cursor, keys as they are pressed. Given back
/// as it was when its owner lets go of it.
///
/// It must not end by a signal: signals are to be read from a descriptor meanwhile.
final class FullScreen {
  private let before: termios

  /// Nil where standard input and output are no terminal.
  static func take() -> FullScreen? {
    var settings = termios()
    guard isatty(1) == 1, tcgetattr(0, &settings) == 0 else { return nil }
    return FullScreen(settings)
  }

  private init(_ settings: termios) {
    before = settings
    var raw = settings
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
    tcsetattr(0, TCSANOW, &raw)
    // The other screen, no cursor, no wrapping of long lines.
    Terminal.write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l", to: 1)
  }

  deinit {
    Terminal.write("\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l", to: 1)
    var settings = before
    tcsetattr(0, TCSANOW, &settings)
  }

  /// Columns and rows now.
  var size: (width: Int, height: Int) {
    var size = winsize()
    guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Replaces what is shown, line by line, so that nothing flickers. The terminal still adds a return to each
  /// newline.
  func show(_ lines: [String]) {
    let text = lines.map { "\($0)\u{1B}[K" }.joined(separator: "\n")
    Terminal.write("\u{1B}[H\(text)\u{1B}[J", to: 1)
  }

  /// Whether a key that ends the view was pressed: q, or the end of the input.
  func wasQuit() -> Bool {
    var keys = [UInt8](repeating: 0, count: 64)
    let count = read(0, &keys, keys.count)
    if count < 0 { return errno != EINTR && errno != EAGAIN }
    return count == 0 || keys[..<count].contains { $0 == UInt8(ascii: "q") || $0 == UInt8(ascii: "Q") }
  }
}
