import Multiprocessing
import PipelineFile

/// Makes the part that runs a stage's external program.
func makeExecPart(_ plan: ExecPlan, _ context: PartContext) throws(StageFailure) -> any ChainPart {
  do {
    try AdoptedProcesses.becomeSubreaper()
    AdoptedProcesses.endDescendantsOfOrphan()
  } catch {
    throw StageFailure("\(plan.position): error: what programs start can't be watched: \(error)")
  }
  switch plan.per {
  case .line: return LinePart(plan, context)
  case .batch: return BatchPart(plan, context)
  }
}
