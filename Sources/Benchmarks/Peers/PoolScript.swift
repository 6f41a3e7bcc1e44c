/// The jobs of `PoolProbe`, done by Python.
enum PoolScript {
  static let python = #"""
    import multiprocessing
    import sys
    import time


    def identity(x):
        return x


    def nap(x):
        time.sleep(0.001)
        return x


    def block(count):
        return b"\x01" * count


    def proportional_set_size(pid):
        for line in open(f"/proc/{pid}/smaps_rollup"):
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024


    def run(pool, job):
        if job == "trivial":
            assert len(pool.map(identity, range(100_000))) == 100_000
        elif job == "trivial-one":
            assert len(pool.map(identity, range(100_000), chunksize=1)) == 100_000
        elif job == "imap-one":
            assert sum(1 for _ in pool.imap(identity, range(100_000))) == 100_000
        elif job == "millisecond":
            assert len(pool.map(nap, range(1000))) == 1000
        elif job == "millisecond-one":
            assert len(pool.map(nap, range(1000), chunksize=1)) == 1000
        elif job == "gigabyte":
            blocks = pool.imap(block, (1 << 20 for _ in range(1024)))
            assert sum(len(one) for one in blocks) == 1 << 30
        else:
            sys.exit(2)


    def main():
        job, workers, method = sys.argv[1], int(sys.argv[2]), sys.argv[3]
        with multiprocessing.get_context(method).Pool(workers) as pool:
            pool.map(nap, range(workers * 4), chunksize=1)
            if job == "memory":
                for worker in pool._pool:
                    print(proportional_set_size(worker.pid))
                return
            started = time.monotonic_ns()
            run(pool, job)
            print(time.monotonic_ns() - started)


    if __name__ == "__main__":
        main()
    """#
}
