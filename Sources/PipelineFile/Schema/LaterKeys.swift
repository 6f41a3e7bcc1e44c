/// Keys of the format that this version does not carry out yet, with what to do meanwhile.
enum LaterKeys {
  static let advice: [String: String] = [
    "dead_letters": "remove it; a record that fails ends the run with its file and line",
    "exec": "use jq steps, or a program before or after the pipeline",
    "use": "use 'filter', 'map' and 'lookup'",
    "sqlite": "use a csv or jsonl file",
    "follow": "remove it; a file is read to its end as it is when the run begins",
    "spool": "remove it; read from a file where the input must be read again",
    "order": "remove it; records keep the order of their source",
    "spread": "remove it; batches go to whichever worker is free",
    "keyed": "remove it; batches go to whichever worker is free",
  ]
}
