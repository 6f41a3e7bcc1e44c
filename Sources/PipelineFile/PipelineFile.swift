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
    return read(
      documents.dropFirst().reduce(base, Overlay.merge), path: path, environment: environment,
      currentDirectory: currentDirectory, checker: checker, userTypes: userTypes, complaints)
  }

  /// Checks a pipeline that a program has built. `name` stands for the file's path; relative paths in it start
  /// at the current folder.
  package static func load(
    built document: SettingNode, name: String, environment: [String: String], currentDirectory: String,
    checker: @escaping JQChecker, userTypes: UserTypes = .none
  ) -> Result<LoadedPipeline, PipelineErrors> {
    read(
      FileNode(built: document), path: name, environment: environment, currentDirectory: currentDirectory,
      checker: checker, userTypes: userTypes, Complaints())
  }

  private static func read(
    _ document: FileNode, path: String, environment: [String: String], currentDirectory: String,
    checker: @escaping JQChecker, userTypes: UserTypes, _ complaints: Complaints
  ) -> Result<LoadedPipeline, PipelineErrors> {
    let file = InterpolatedFile(document, environment: environment, complaints: complaints)
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
