/// The libjq that is loaded.
package enum JQLibrary {
  /// libjq does not tell its version, but the functions that it knows do. Nil where it compiles nothing. Takes
  /// tens of milliseconds.
  package static var version: String? {
    if knows("ltrimstr(\"\") | trimstr(\"\")") { return "1.8 or later" }
    if knows("pick(.a)") { return "1.7" }
    if knows("INDEX(.[]; .id)") { return "1.6" }
    return knows(".") ? "1.5 or earlier" : nil
  }

  private static func knows(_ program: String) -> Bool { (try? JQProgram(program)) != nil }
}
