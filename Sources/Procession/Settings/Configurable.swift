import PipelineFile
import Stages

/// What a pipeline file can name with `use`: made from the settings that the file gives it.
///
/// Not for its own sake: a ``Step``, ``StatefulStep``, ``Source``, ``LiveSource`` or ``Sink`` is one.
public protocol Configurable: SendableMetatype {
  /// Asks for the settings and keeps what it needs of them. Called once more when a pipeline file is checked, so
  /// it must do nothing outside. What it throws is an error of the pipeline file.
  init(settings: Settings) throws
}

extension Configurable {
  /// Makes a value whose settings were checked before anything was started.
  init(_ plan: UsePlan) throws(StageFailure) {
    do { try self.init(settings: Settings(reader: SettingsReader(plan))) } catch {
      throw StageFailure("\(plan.position): error: \(plan.name): \(error)")
    }
  }

  /// What is wrong with the settings, and what they are where they are left out.
  static func check(_ plan: UsePlan) -> UserTypeCheck {
    Settings.check(plan) { _ = try Self(settings: $0) }
  }
}
