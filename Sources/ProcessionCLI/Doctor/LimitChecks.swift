/// Descriptors, cores, address space and file sizes against what a run needs.
package struct LimitChecks {
  package var limits: ResourceLimits
  /// Descriptors that the pipeline needs in one process; nil where none is named.
  package var neededDescriptors: Int?
  /// `kernel.core_pattern`: where cores go.
  package var corePattern: String?

  package init(limits: ResourceLimits, neededDescriptors: Int?, corePattern: String?) {
    self.limits = limits
    self.neededDescriptors = neededDescriptors
    self.corePattern = corePattern
  }

  /// What a run of some ten workers needs.
  private static let usualDescriptors = 1024

  package var checks: [DoctorCheck] { [descriptors, core, addressSpace, fileSize].compactMap { $0 } }

  private var descriptors: DoctorCheck {
    let needed = UInt64(neededDescriptors ?? Self.usualDescriptors)
    let limit = limits.descriptors
    let what = neededDescriptors == nil ? "a usual run needs" : "this pipeline needs"
    let shown = "\(ResourceLimits.text(limit.soft)) descriptors, up to \(ResourceLimits.text(limit.hard))"
    if let hard = limit.hard, hard < needed {
      let finding = "\(shown); \(what) \(Figures.grouped(needed))"
      let remedy =
        "raise the hard limit: LimitNOFILE=\(needed) in a unit, or 'nofile' in /etc/security/limits.conf"
      return neededDescriptors == nil
        ? .warning("descriptors", finding, remedy) : .failure("descriptors", finding, remedy)
    }
    if let soft = limit.soft, soft < needed {
      return .ok(
        "descriptors", "\(shown); \(what) \(Figures.grouped(needed))", "a run raises its limit itself")
    }
    return .ok("descriptors", shown)
  }

  private var core: DoctorCheck {
    let pattern = corePattern ?? "core"
    if limits.core.soft == 0 {
      return .ok(
        "cores", "a worker that crashes leaves no core",
        "for one, run under 'ulimit -c unlimited'"
          + (limits.core.hard == 0 ? ", which the hard limit forbids here" : ""))
    }
    let place =
      pattern.hasPrefix("|")
      ? "handed to \(pattern.dropFirst().split(separator: " ").first ?? "a program")"
      : pattern.hasPrefix("/") ? "written to \(pattern)" : "written to \(pattern) in the worker's folder"
    return .ok("cores", "cores are \(place)", pattern.hasPrefix("|") ? nil : "they hold records")
  }

  private var addressSpace: DoctorCheck? {
    guard let soft = limits.addressSpace.soft, soft < 4 << 30 else { return nil }
    return .warning(
      "address-space", "a process may map \(Figures.bytes(soft)) only", "run under 'ulimit -v unlimited'")
  }

  private var fileSize: DoctorCheck? {
    guard let soft = limits.fileSize.soft else { return nil }
    return .warning(
      "file-size", "files may grow to \(Figures.bytes(soft)) only; a larger output fails",
      "run under 'ulimit -f unlimited'")
  }
}
