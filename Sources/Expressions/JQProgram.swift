import CJq

/// A compiled jq program with its state.
///
/// One per program and process, for one thread; compile it after forking. Compiling takes tens of milliseconds,
/// nearly all of it for libjq's own library. libjq reads `~/.jq` where there is one.
package struct JQProgram: ~Copyable {
  private let state: OpaquePointer
  /// libjq aborts when it is asked again after the end.
  private var isRunning = false

  /// Whether results may depend on when, and in which time zone, the program runs.
  package let usesClock: Bool

  /// The top-level fields of its input that the program can tell apart from missing ones, in the order of first
  /// use; nil where that is not provable, and every field may matter.
  ///
  /// Applies to inputs that are objects. Run on an object with only these fields the program has the results,
  /// and the errors, that it has on the whole one.
  package let topLevelFields: [String]?

  /// Compiles `program`.
  ///
  /// It sees `variables` as the fields of `$vars`; each is given as a JSON text.
  package init(_ program: String, variables: [(name: String, json: String)] = []) throws(JQCompileError) {
    if let zero = program.utf8.firstIndex(of: 0) {
      throw JQCompileError(
        message: "a zero byte", offset: program.utf8.distance(from: program.utf8.startIndex, to: zero))
    }
    let tokens = try JQLexer.tokens(of: program)
    try JQRestrictions.check(tokens)
    let state = try Self.compile(program, tokens, try Self.object(of: variables))
    self.state = state
    usesClock = JQRestrictions.usesClock(tokens)
    topLevelFields = JQFieldAnalysis.fields(readBy: tokens)
  }

  deinit {
    var state: OpaquePointer? = state
    jq_teardown(&state)
  }

  /// Sets `input` going; `next` gives the results. What is left of an earlier input is dropped.
  ///
  /// An input that nobody else holds is changed in place where the program allows it.
  package mutating func start(_ input: consuming JQValue) {
    jq_start(state, input.release(), 0)
    isRunning = true
  }

  /// The next result, or nil after the last, and after an error.
  ///
  /// As in jq 1.6, `error(null)` is no error but the end of this branch, like `empty`.
  package mutating func next() throws(JQRuntimeError) -> JQValue? {
    guard isRunning else { return nil }
    let result = jq_next(state)
    if jv_is_valid(result) != 0 { return JQValue(owning: result) }
    isRunning = false
    if jv_invalid_has_msg(jv_copy(result)) != 0 {
      let message = jv_invalid_get_msg(result)
      defer { jv_free(message) }
      throw JQRuntimeError(message: Self.text(of: message))
    }
    jv_free(result)
    if jq_halted(state) != 0 { throw JQRuntimeError(message: "the program has halted") }
    return nil
  }

  /// Lends each result for `input` to `body`, in order; an error of the program or of `body` ends it.
  package mutating func withResults(
    of input: consuming JQValue, _ body: (borrowing JQValue) throws(JQRuntimeError) -> Void
  ) throws(JQRuntimeError) {
    start(input)
    while let result = try next() { try body(result) }
  }

  /// Whether a filter keeps `input`: whether its first result is true to jq, that is neither `false` nor `null`.
  /// Without a result the record is not kept.
  package mutating func isTrue(of input: consuming JQValue) throws(JQRuntimeError) -> Bool {
    start(input)
    guard let first = try next() else { return false }
    return first.isTrue
  }

  private static func object(of variables: [(name: String, json: String)]) throws(JQCompileError) -> jv {
    var object = jv_object()
    for (name, json) in variables {
      do throws(JSONError) {
        object = jv_object_set(object, jv.string(name), try JQValue.parse(json).release())
      } catch {
        jv_free(object)
        throw JQCompileError(message: "variable \(name): \(error.message)", offset: 0)
      }
    }
    return object
  }

  private static func compile(
    _ program: String, _ tokens: [JQToken], _ variables: jv
  ) throws(JQCompileError) -> OpaquePointer {
    var state = jq_init()
    guard let compiled = state else {
      jv_free(variables)
      throw JQCompileError(message: "libjq cannot start", offset: 0)
    }
    let messages = Messages()
    jq_set_error_cb(
      compiled,
      { messages, message in
        let text = String(decoding: message.stringBytes, as: UTF8.self)
        jv_free(message)
        Unmanaged<Messages>.fromOpaque(messages!).takeUnretainedValue().texts.append(text)
      }, Unmanaged.passUnretained(messages).toOpaque())
    let arguments = jv_object_set(jv_object(), jv.string("vars"), variables)
    let isCompiled = withExtendedLifetime(messages) { jq_compile_args(compiled, program, arguments) != 0 }
    guard isCompiled else {
      jq_teardown(&state)
      throw JQDiagnosis(program: program, tokens: tokens).error(from: messages.texts)
    }
    jq_set_error_cb(compiled, { _, message in jv_free(message) }, nil)
    return compiled
  }

  /// What libjq has complained of.
  private final class Messages {
    var texts: [String] = []
  }

  /// The words of an error: a string itself, anything else as JSON.
  private static func text(of message: jv) -> String {
    if jv_get_kind(message) == JV_KIND_STRING { return String(decoding: message.stringBytes, as: UTF8.self) }
    return JQValue(owning: jv_copy(message)).printedByLibjq()
  }
}
