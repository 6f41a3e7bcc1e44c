import PipelineFile
import ProcessionCLI
import Stages

for mode in CountingStep.Mode.allCases {
  UserStages.register(
    step: mode.rawValue,
    UserStages.StepType(
      check: { _ in UserTypeCheck() },
      makeState: { _, context throws(StageFailure) in CountingStep(mode, context) }))
}
CommandLineMain.run()
