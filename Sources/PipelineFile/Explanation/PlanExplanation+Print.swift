extension PlanExplanation {
  /// The merged file as YAML: anchors resolved, references replaced, secrets as references only. In the same
  /// folder it means the same plan.
  package static func print(_ loaded: LoadedPipeline) -> String {
    var entries = loaded.document.entries ?? []
    if !entries.contains(where: { $0.key == "name" }) {
      let place = loaded.document.place
      let name = FileNode.Scalar(text: loaded.plan.name, style: .plain, written: loaded.plan.name)
      entries.insert(
        .init(key: "name", keyPlace: place, value: FileNode(content: .scalar(name), place: place)), at: 0)
    }
    var writer = YAMLWriter()
    writer.write(entries)
    return writer.text
  }
}
