extension PeerScripts {
  /// A reader, workers and a writer as processes of Python's multiprocessing, batches of lines between them.
  ///
  /// Batches are numbered and the writer puts them in order, as Procession does: the output is the same
  /// whatever the number of workers.
  static let pythonStages = #"""
    import csv
    import io
    import sys
    from multiprocessing import Process, SimpleQueue

    import orjson

    BATCH = 256 * 1024


    def read(path, batches, workers):
      with open(path, "rb") as file:
        file.readline()
        number = 0
        while block := file.read(BATCH):
          batches.put((number, block + file.readline()))
          number += 1
      for _ in range(workers):
        batches.put(None)


    def clean(header, airlines, batches, results):
      column = {name: index for index, name in enumerate(header)}
      year, month, day = (column[name] for name in ("year", "month", "day"))
      carrier, flight, origin, dest = (column[name] for name in ("carrier", "flight", "origin", "dest"))
      dep_delay, air_time, distance = (column[name] for name in ("dep_delay", "air_time", "distance"))
      while (batch := batches.get()) is not None:
        number, block = batch
        lines = []
        for row in csv.reader(io.StringIO(block.decode(), newline="")):
          if row[dep_delay] == "NA":
            continue
          delay = int(row[dep_delay])
          minutes = row[air_time]
          lines.append(orjson.dumps({
            "date": f"{row[year]}-{row[month]:0>2}-{row[day]:0>2}",
            "carrier": row[carrier],
            "airline": airlines[row[carrier]],
            "flight": int(row[flight]),
            "origin": row[origin],
            "dest": row[dest],
            "dep_delay": delay,
            "late": delay > 15,
            "speed_mph": None if minutes == "NA" else round(int(row[distance]) / int(minutes) * 60, 1),
          }, option=orjson.OPT_APPEND_NEWLINE))
        results.put((number, b"".join(lines)))
      results.put(None)


    def write(path, results, workers):
      waiting = {}
      following = 0
      with open(path, "wb") as file:
        while workers:
          result = results.get()
          if result is None:
            workers -= 1
            continue
          waiting[result[0]] = result[1]
          while following in waiting:
            file.write(waiting.pop(following))
            following += 1


    def main():
      workers, flights, airlines, output = int(sys.argv[1]), *sys.argv[2:]
      with open(airlines, newline="") as file:
        names = {row["carrier"]: row["name"] for row in csv.DictReader(file)}
      with open(flights, newline="") as file:
        header = next(csv.reader(file))
      batches, results = SimpleQueue(), SimpleQueue()
      stages = [Process(target=read, args=(flights, batches, workers))]
      stages += [Process(target=clean, args=(header, names, batches, results)) for _ in range(workers)]
      stages.append(Process(target=write, args=(output, results, workers)))
      for stage in stages:
        stage.start()
      for stage in stages:
        stage.join()
      sys.exit(any(stage.exitcode for stage in stages))


    if __name__ == "__main__":
      main()

    """#
}
