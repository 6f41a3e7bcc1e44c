/// Why a jq program does not compile, or a warning about one that does.
package struct JQCompileError: Error, Sendable, Equatable {
  package var message: String
  /// UTF-8 offset in the program where the trouble is; 0 if unknown.
  package var offset: Int

  package init(message: String, offset: Int = 0) {
    self.message = message
    self.offset = offset
  }
}

/// What a compiler of jq programs says about one program.
package struct JQCheck: Sendable, Equatable {
  package var error: JQCompileError?
  package var warnings: [JQCompileError]

  package init(error: JQCompileError? = nil, warnings: [JQCompileError] = []) {
    self.error = error
    self.warnings = warnings
  }
}

/// Compiles a program without running it. The names are those of the variables that it may use, without `$`.
///
/// A closure, so that reading a pipeline file needs no jq library of its own: the caller passes one.
package typealias JQChecker = (_ program: String, _ variableNames: [String]) -> JQCheck
