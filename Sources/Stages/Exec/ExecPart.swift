import PipelineFile

/// Makes the part that runs a stage's external program.
func makeExecPart(_ plan: ExecPlan, _ context: PartContext) throws(StageFailure) -> any ChainPart {
  throw StageFailure("\(plan.position): error: external programs are being built")
}
