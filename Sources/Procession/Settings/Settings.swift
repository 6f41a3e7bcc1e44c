import PipelineFile

/// What stands under `with` in a pipeline file, for a type that the file names with `use`.
///
/// Ask for every setting that there is, in the initializer: once each, in any order. A wrong value, a missing
/// one or a key that was not asked for is an error of the pipeline file, told with `file:line:column` before
/// anything is started; what is asked for and left out shows up in `validate --explain`. So nothing here
/// throws: where a value is wrong, one that would fit takes its place until all of the file is read. For one
/// thread.
public struct Settings {
  let reader: SettingsReader

  /// A text; required without a default.
  public func text(_ key: String, default standard: String? = nil) -> String {
    reader.value(key, default: standard.map { ($0, $0) }, placeholder: "") { text, _ in text }
  }

  /// Whether; written `true` or `false`.
  public func flag(_ key: String, default standard: Bool? = nil) -> Bool {
    reader.value(key, default: standard.map { ($0, "\($0)") }, placeholder: false) {
      text, _ throws(ScalarProblem) in try SettingScalars.boolean(text)
    }
  }

  /// A whole number within a range; required without a default.
  public func integer(
    _ key: String, default standard: Int? = nil, in range: ClosedRange<Int> = Int.min...Int.max
  ) -> Int {
    reader.value(key, default: standard.map { ($0, "\($0)") }, placeholder: range.lowerBound) {
      text, _ throws(ScalarProblem) in try SettingScalars.integer(text, in: range)
    }
  }

  /// A finite number within a range; required without a default.
  public func number(
    _ key: String, default standard: Double? = nil,
    in range: ClosedRange<Double> = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
  ) -> Double {
    reader.value(key, default: standard.map { ($0, "\($0)") }, placeholder: range.lowerBound) {
      text, _ throws(ScalarProblem) in try SettingScalars.number(text, in: range)
    }
  }

  /// A time, written with its unit: `50ms`, `5s`, `2h`; required without a default.
  public func duration(_ key: String, default standard: Duration? = nil) -> Duration {
    let shown = standard.map { DurationText.format(Self.nanoseconds($0)) }
    let nanoseconds = reader.value(
      key, default: standard.map { (Self.nanoseconds($0), shown ?? "") }, placeholder: 0
    ) { text, _ throws(ScalarProblem) in try SettingScalars.duration(text) }
    return .nanoseconds(nanoseconds)
  }

  /// A number of bytes, written with its unit: `512B`, `64KiB`; required without a default.
  public func size(_ key: String, default standard: Int? = nil) -> Int {
    let value = reader.value(
      key, default: standard.map { (UInt64($0), SizeText.format(UInt64($0))) }, placeholder: 0
    ) { text, _ throws(ScalarProblem) in try SettingScalars.size(text) }
    return Int(value)
  }

  /// One of an enumeration's texts; required without a default.
  public func choice<Choice>(_ key: String, default standard: Choice? = nil) -> Choice
  where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
    let known = Choice.allCases.map(\.rawValue)
    precondition(!known.isEmpty, "an enumeration without cases leaves no choice")
    let text = reader.value(
      key, default: standard.map { ($0.rawValue, $0.rawValue) }, placeholder: known[0]
    ) { text, _ throws(ScalarProblem) in try SettingScalars.choice(text, of: known) }
    return Choice(rawValue: text)!
  }

  /// A list of texts; a single one is a list of one. Required without a default.
  public func texts(_ key: String, default standard: [String]? = nil) -> [String] {
    reader.list(key, default: standard.map { ($0, "[\($0.joined(separator: ", "))]") }) { text, _ in text }
  }

  /// The settings under a key, which may be left out: then they are empty.
  public func settings(_ key: String) -> Settings { Settings(reader: reader.settings(key)) }

  /// Whether the file sets a key.
  public func has(_ key: String) -> Bool { reader.has(key) }

  /// Complains of a value that has the right type and is wrong all the same: what is wrong, and what would be
  /// right.
  public func refuse(_ key: String, _ message: String, remedy: String) {
    reader.refuse(key, message, remedy)
  }

  private static func nanoseconds(_ duration: Duration) -> UInt64 {
    let (seconds, attoseconds) = duration.components
    return UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds)) / 1_000_000_000
  }
}

extension Settings {
  /// Asks for settings as `read` does and tells what is wrong with them.
  static func check(_ plan: UsePlan, _ read: (Settings) throws -> Void) -> UserTypeCheck {
    let reader = SettingsReader(plan)
    var check = UserTypeCheck()
    do {
      try read(Settings(reader: reader))
      reader.finish()
    } catch {
      check.problems.append(SettingProblem("\(plan.name): \(error)", "", at: plan.settings.position))
    }
    check.problems += reader.problems
    check.defaults = reader.defaults
    return check
  }
}
