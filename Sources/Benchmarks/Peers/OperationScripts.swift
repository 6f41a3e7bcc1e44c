/// What the benchmarks of processes are compared with.
enum OperationScripts {
  /// `starter fork N`, `starter spawn N`: nanoseconds from the start of a child to its one byte in a pipe.
  /// `starter announce FILE`: writes its pid and the time into a FIFO, then waits for its end.
  static let starter = #"""
    #define _GNU_SOURCE
    #include <fcntl.h>
    #include <spawn.h>
    #include <stdint.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/wait.h>
    #include <time.h>
    #include <unistd.h>

    extern char **environ;

    static uint64_t now(void) {
      struct timespec time;
      clock_gettime(CLOCK_MONOTONIC, &time);
      return (uint64_t)time.tv_sec * 1000000000 + time.tv_nsec;
    }

    static int announce(const char *path) {
      uint64_t words[2] = {getpid(), now()};
      int file = open(path, O_WRONLY);
      if (file < 0 || write(file, words, sizeof words) != sizeof words) return 1;
      for (;;) pause();
    }

    int main(int count, char **arguments) {
      if (count == 2) return write(1, "r", 1) != 1;
      if (count != 3) return 2;
      if (strcmp(arguments[1], "announce") == 0) return announce(arguments[2]);
      int spawns = strcmp(arguments[1], "spawn") == 0;
      for (int round = -1; round < atoi(arguments[2]); round++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) return 1;
        uint64_t started = now();
        pid_t pid;
        if (spawns) {
          posix_spawn_file_actions_t actions;
          posix_spawn_file_actions_init(&actions);
          posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
          char *words[] = {arguments[0], "child", NULL};
          if (posix_spawn(&pid, "/proc/self/exe", &actions, NULL, words, environ) != 0) return 1;
          posix_spawn_file_actions_destroy(&actions);
        } else {
          pid = fork();
          if (pid == 0) {
            ssize_t sent = write(ends[1], "r", 1);
            _exit(sent != 1);
          }
        }
        char byte;
        if (read(ends[0], &byte, 1) != 1) return 1;
        uint64_t ready = now();
        waitpid(pid, NULL, 0);
        close(ends[0]);
        close(ends[1]);
        if (round >= 0) printf("%llu\n", (unsigned long long)(ready - started));
      }
      return 0;
    }

    """#

  /// `METHOD N`: nanoseconds from `Process.start` to the child's message.
  static let pythonStart = #"""
    import multiprocessing
    import sys
    import time


    def ready(connection):
      connection.send_bytes(b"r")
      connection.recv_bytes()


    def main():
      context = multiprocessing.get_context(sys.argv[1])
      for round in range(-1, int(sys.argv[2])):
        ours, theirs = context.Pipe()
        process = context.Process(target=ready, args=(theirs,))
        started = time.monotonic_ns()
        process.start()
        ours.recv_bytes()
        took = time.monotonic_ns() - started
        ours.send_bytes(b"e")
        process.join()
        ours.close()
        theirs.close()
        if round >= 0:
          print(took)


    if __name__ == "__main__":
      main()

    """#

  /// `METHOD N`: nanoseconds from the SIGKILL of one of a pool's four workers to the first code of its
  /// replacement. A task could not be waited for: a worker that dies while it waits for one keeps the queue
  /// locked for good.
  static let pythonPool = #"""
    import multiprocessing
    import os
    import random
    import signal
    import struct
    import sys
    import time


    def announce(path):
      file = os.open(path, os.O_WRONLY)
      os.write(file, struct.pack("=QQ", os.getpid(), time.monotonic_ns()))
      os.close(file)


    def main():
      method, rounds, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
      os.mkfifo(path)
      file = os.open(path, os.O_RDWR)
      pool = multiprocessing.get_context(method).Pool(4, announce, (path,))
      living = [struct.unpack("=QQ", os.read(file, 16))[0] for _ in range(4)]
      for _ in range(rounds):
        time.sleep(random.uniform(0.05, 0.25))
        victim = living.pop(random.randrange(len(living)))
        killed = time.monotonic_ns()
        os.kill(victim, signal.SIGKILL)
        pid, ready = struct.unpack("=QQ", os.read(file, 16))
        living.append(pid)
        print(ready - killed)
      sys.stdout.flush()
      os.unlink(path)
      # An orderly end may hang for the same reason.
      for pid in living:
        os.kill(pid, signal.SIGKILL)
      os._exit(0)


    if __name__ == "__main__":
      main()

    """#

  /// `SUPERVISORD STARTER FOLDER N`: nanoseconds from the SIGKILL of a program under supervisord to the first
  /// code of its replacement.
  static let supervisord = #"""
    import os
    import random
    import signal
    import struct
    import subprocess
    import sys
    import time


    def main():
      program, starter, folder, rounds = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
      os.makedirs(folder)
      path = folder + "/fifo"
      os.mkfifo(path)
      file = os.open(path, os.O_RDWR)
      with open(folder + "/supervisord.conf", "w") as conf:
        conf.write(f"""
    [supervisord]
    nodaemon=true
    user={os.environ.get("USER", "root")}
    logfile=/dev/null
    logfile_maxbytes=0
    pidfile={folder}/pid
    [program:announce]
    command={starter} announce {path}
    autorestart=true
    startsecs=0
    """)
      daemon = subprocess.Popen(
        [program, "-c", folder + "/supervisord.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
      try:
        pid = struct.unpack("=QQ", os.read(file, 16))[0]
        for _ in range(rounds):
          time.sleep(random.uniform(1, 2))
          killed = time.monotonic_ns()
          os.kill(pid, signal.SIGKILL)
          pid, ready = struct.unpack("=QQ", os.read(file, 16))
          print(ready - killed)
      finally:
        daemon.terminate()
        daemon.wait()


    if __name__ == "__main__":
      main()

    """#
}
