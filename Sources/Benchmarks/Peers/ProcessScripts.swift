/// What `ChildProcess` is compared with.
enum ProcessScripts {
  /// `METHOD N`: nanoseconds from `Process.start` to the end of `join`.
  static let startAndJoin = #"""
    import multiprocessing
    import sys
    import time


    def nothing():
      pass


    def main():
      context = multiprocessing.get_context(sys.argv[1])
      times = []
      for round in range(int(sys.argv[2]) + 1):
        process = context.Process(target=nothing)
        started = time.monotonic_ns()
        process.start()
        process.join()
        times.append(time.monotonic_ns() - started)
        process.close()
      for took in times[1:]:
        print(took)


    if __name__ == "__main__":
      main()

    """#
}
