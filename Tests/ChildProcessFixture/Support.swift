import Glibc
import POSIXKit

/// Prints one fact as a line `key: value`.
func emit(_ key: String, _ value: String) {
  print("\(key): \(value)")
  fflush(nil)
}

struct Failure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

func openDescriptors() throws -> Set<Int32> {
  // The listing itself holds one descriptor, closed by then.
  Set(try namesInFolder("/proc/self/fd").compactMap(Int32.init).filter { fcntl($0, F_GETFD) >= 0 })
}

/// The children that the kernel knows.
func ownChildren() throws -> [Int32] {
  try textOfSystemFile("/proc/self/task/\(getpid())/children").split(separator: " ").compactMap { Int32($0) }
}

/// The text of the error that the body throws.
func thrown(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch { return "\(error)" }
}

/// A second thread, which does nothing for ever.
func startIdleThread() {
  var thread = pthread_t()
  pthread_create(
    &thread, nil,
    { _ in
      while true { pause() }
    }, nil)
}

/// A pipe with a name, which is gone once somebody has opened it for writing.
struct Fifo {
  let path = "/tmp/procession-fixture-\(getpid())"

  init() throws { guard mkfifo(path, 0o600) == 0 else { throw Failure("mkfifo \(path)") } }

  func waitForWriter() {
    close(open(path, O_RDONLY))
    unlink(path)
  }
}
