import CJq

/// A field's name, made once and used for every record: libjq hashes it only the first time.
///
/// Belongs to one thread.
package final class JQKey {
  let raw: jv

  package init(_ name: String) {
    raw = jv.string(name)
  }

  deinit {
    jv_free(raw)
  }
}
