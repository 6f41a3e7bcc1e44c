import PipelineFile

/// Makes the part that runs a stage's external program.
func makeExecPart(_ plan: ExecPlan, _ context: PartContext) -> any ChainPart {
  switch plan.per {
  case .line: return LinePart(plan, context)
  case .batch: return BatchPart(plan, context)
  }
}
