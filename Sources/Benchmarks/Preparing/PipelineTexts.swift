/// The pipeline files that `procession` is measured with. Their output goes to the folder in `OUT_DIR`.
enum PipelineTexts {
  static func csvToJSONLines(dataset: Dataset, name: String) -> String {
    """
    name: \(name)
    stages:
      read:
        source: { file: { path: "\(dataset.flights)", csv: { nulls: [NA] } } }
      write:
        from: read
        sink: { file: { path: "${OUT_DIR}/\(name).jsonl", existing: replace } }

    """
  }

  /// Lines, unchanged: what is left is the cost of cutting, moving, acknowledging and keeping them.
  static func copy(dataset: Dataset, name: String, sink: String?) -> String {
    """
    name: \(name)
    stages:
      read:
        source: { file: { path: "\(dataset.flights)", format: lines } }
      write:
        from: read
        sink: \(sink ?? "{ file: { path: \"${OUT_DIR}/\(name).jsonl\", format: lines, existing: replace } }")

    """
  }

  static func flights(dataset: Dataset, name: String, workers: Int) -> String {
    #"""
    name: \#(name)
    vars: { late_after: 15 }
    stages:
      read:
        source: { file: { path: "\#(dataset.flights)", csv: { nulls: [NA] } } }
      clean:
        from: read
        workers: \#(workers)
        steps:
          - filter: .dep_delay != null
          - lookup: { table: "\#(dataset.airlines)", key: .carrier, as: airline, missing: fail }
          - map: |
              def two: tostring | if length < 2 then "0" + . else . end;
              {
                date: "\(.year)-\(.month | two)-\(.day | two)",
                carrier,
                airline: .airline.name,
                flight,
                origin,
                dest,
                dep_delay,
                late: (.dep_delay > $vars.late_after),
                speed_mph: (
                  if .air_time == null then null
                  else (.distance / .air_time * 60 * 10 | round) / 10
                  end)
              }
      write:
        from: clean
        sink: { file: { path: "${OUT_DIR}/\#(name).jsonl", existing: replace } }

    """#
  }
}
