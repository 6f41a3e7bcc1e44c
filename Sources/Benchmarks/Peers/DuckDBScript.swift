extension PeerScripts {
  /// Both jobs as one SQL statement each, with two threads.
  ///
  /// With more than one thread DuckDB's join does not keep the order of the input: unlike the other
  /// contenders it writes the flights in an order of its own, which costs it less.
  static let duckDB = #"""
    import sys
    import duckdb

    job, flights, airlines, output = sys.argv[1:]

    source = f"""read_csv('{flights}', header=true, delim=',', nullstr='NA',
                          types={{'time_hour': 'VARCHAR'}})"""
    queries = {
      "csv-to-jsonl": f"SELECT * FROM {source}",
      "flights": f"""
        SELECT make_date(year, month, day) AS date, f.carrier, a.name AS airline, flight, origin, dest,
               dep_delay, dep_delay > 15 AS late, round(distance / air_time * 60, 1) AS speed_mph
        FROM {source} AS f JOIN read_csv('{airlines}', header=true) AS a ON f.carrier = a.carrier
        WHERE dep_delay IS NOT NULL""",
    }
    connection = duckdb.connect(config={"threads": 2})
    connection.execute(f"COPY ({queries[job]}) TO '{output}' (FORMAT json)")

    """#
}
