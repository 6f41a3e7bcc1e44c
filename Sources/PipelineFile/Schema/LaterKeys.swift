/// Keys of the format that this version does not carry out yet, with what to do meanwhile.
enum LaterKeys {
  static let advice: [String: String] = [
    "exec": "use jq steps, or a program before or after the pipeline",
    "use": "use 'filter', 'map' and 'lookup'",
  ]
}
