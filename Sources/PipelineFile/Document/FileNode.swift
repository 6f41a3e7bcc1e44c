/// A value of a pipeline file with its place: raw texts, which the schema gives their types.
///
/// Anchors are resolved and `<<` is merged. Interpolation replaces a scalar's text and keeps its place.
struct FileNode {
  enum Content {
    case scalar(Scalar)
    case list([FileNode])
    case map([Entry])
  }

  struct Scalar {
    var text: String
    var style: ScalarStyle
    /// As it stands in the file, before interpolation: places within it are looked up by this.
    var written: String
    /// A plain scalar that a tag makes a text.
    var isTagged = false

    /// A plain scalar's type is open; a quoted one is text.
    var isPlain: Bool { style == .plain && !isTagged }
    /// Nothing was written, as in `key:`.
    var isAbsent: Bool { isPlain && written.isEmpty }
  }

  struct Entry {
    var key: String
    var keyPlace: Place
    var value: FileNode
  }

  var content: Content
  var place: Place

  var scalar: Scalar? {
    if case .scalar(let scalar) = content { return scalar }
    return nil
  }

  var entries: [Entry]? {
    if case .map(let entries) = content { return entries }
    return nil
  }

  /// What it is, in words, for messages.
  var kind: String {
    switch content {
    case .scalar(let scalar): scalar.isAbsent ? "nothing" : "a text"
    case .list: "a list"
    case .map: "a mapping"
    }
  }

  func entry(_ key: String) -> Entry? { entries?.first { $0.key == key } }
}

enum ScalarStyle {
  case plain, single, double, literal, folded
}
