import Glibc
import PipelineFile

/// Whether a pipeline's files can be used.
package struct PipelineFacts: Sendable {
  /// Why a file can't be used, in words.
  package struct Fault: Sendable, Equatable {
    package var path: String
    package var why: String

    package init(path: String, why: String) {
      self.path = path
      self.why = why
    }
  }

  package var file: String
  /// What is wrong with the pipeline file; each as `file:line:col: error: ...`.
  package var errors: [String]
  package var warnings: Int
  package var inputs: Int
  package var outputs: Int
  package var unreadable: [Fault]
  package var unwritable: [Fault]

  package init(
    file: String, errors: [String], warnings: Int, inputs: Int, outputs: Int, unreadable: [Fault],
    unwritable: [Fault]
  ) {
    self.file = file
    self.errors = errors
    self.warnings = warnings
    self.inputs = inputs
    self.outputs = outputs
    self.unreadable = unreadable
    self.unwritable = unwritable
  }

  static func probe(_ loaded: LoadedPipeline, _ needs: PipelineNeeds) -> PipelineFacts {
    PipelineFacts(
      file: loaded.plan.file, errors: [], warnings: loaded.warnings.count, inputs: needs.inputs.count,
      outputs: needs.outputs.count,
      unreadable: needs.inputs.compactMap { input in
        access(input.path, R_OK) == 0 ? nil : Fault(path: input.shown, why: String(cString: strerror(errno)))
      },
      unwritable: needs.outputs.compactMap { output in
        reasonNotToWrite(output).map { Fault(path: output.shown, why: $0) }
      })
  }

  private static func reasonNotToWrite(_ output: PipelineNeeds.Output) -> String? {
    var status = stat()
    if stat(output.path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR { return "it is a folder" }
      return access(output.path, R_OK | W_OK) == 0 ? nil : String(cString: strerror(errno))
    }
    let folder = ExistingFolder.above(output.folder)
    if access(folder, W_OK | X_OK) == 0 { return nil }
    return "\(folder): \(String(cString: strerror(errno)))"
  }

  package var checks: [DoctorCheck] {
    if let first = errors.first {
      let more = errors.count == 1 ? "" : " (and \(errors.count - 1) more)"
      return [.failure("pipeline", first + more, "\(ProgramName.current) validate \(file)")]
    }
    var found: [DoctorCheck] = [
      warnings == 0
        ? .ok("pipeline", "\(file) is valid")
        : .warning(
          "pipeline", "\(file) is valid, with warnings: \(warnings)",
          "\(ProgramName.current) validate \(file)")
    ]
    found.append(Self.check("inputs", of: inputs, "can be read", unreadable))
    found.append(Self.check("outputs", of: outputs, "can be written", unwritable))
    return found
  }

  private static func check(_ name: String, of count: Int, _ ability: String, _ faults: [Fault])
    -> DoctorCheck
  {
    guard let first = faults.first else {
      return .ok(
        name, count == 0 ? "none are files" : "\(count == 1 ? "the file" : "all \(count) files") \(ability)")
    }
    let more = faults.count == 1 ? "" : " (and \(faults.count - 1) more)"
    return .failure(
      name, "\(first.path): \(first.why)\(more)",
      "give this user access to it (user \(geteuid())), or name another file")
  }
}
