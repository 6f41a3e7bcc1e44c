/// A pipeline file read whole: the plan and what belongs to it for messages.
package struct LoadedPipeline {
  package var plan: Plan
  /// In the order of the file.
  package var warnings: [Diagnostic]
  /// What the file left open.
  package var defaults: [AppliedDefault]
  /// The files merged and interpolated, for `validate --print`.
  let document: FileNode
}

/// Reads pipeline files.
package enum PipelineFile {
  /// Reads and checks a file with its overlays. Tells all that is wrong in one go, and starts nothing.
  ///
  /// Relative `path`s start at `currentDirectory`; those written in any of the files start at the folder of
  /// the first. `checker` compiles jq programs, `userTypes` is what the program brings for `use`.
  package static func load(
    path: String, overlays: [String] = [], environment: [String: String], currentDirectory: String,
    checker: @escaping JQChecker, userTypes: UserTypes = .none
  ) -> Result<LoadedPipeline, PipelineErrors> {
    let complaints = Complaints()
    var documents: [FileNode] = []
    for file in [path] + overlays {
      let absolute = file.hasPrefix("/") ? file : currentDirectory + "/" + file
      guard let source = TextFile.read(path: absolute, shown: file, complaints: complaints) else { continue }
      guard let document = YAMLReader.read(source, complaints: complaints) else { continue }
      documents.append(document)
    }
    guard let base = documents.first, documents.count == overlays.count + 1 else {
      return .failure(PipelineErrors(diagnostics: complaints.sorted))
    }
    let merged = documents.dropFirst().reduce(base, Overlay.merge)
    let file = InterpolatedFile(merged, environment: environment, complaints: complaints)
    let reading = Reading(
      complaints: complaints, folders: Folders(pipelineFile: path, current: currentDirectory),
      checker: checker, userTypes: userTypes, environment: environment)
    let plan = PlanReader(reading: reading, environment: environment).read(file, path: path)
    guard let plan, !complaints.hasErrors else {
      return .failure(PipelineErrors(diagnostics: complaints.sorted))
    }
    return .success(
      LoadedPipeline(
        plan: plan, warnings: complaints.warnings, defaults: reading.defaults, document: file.root))
  }
}
