/// What the user typed to get here: this command line is part of every program that imports Procession.
enum ProgramName {
  /// The last part of the program's path.
  static let current = String(
    (CommandLine.arguments.first ?? "procession").split(separator: "/").last ?? "procession")
}
