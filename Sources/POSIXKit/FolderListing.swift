import Glibc

/// The names in a folder without `.` and `..`, in no particular order. Throws `SystemCallError`.
package func namesInFolder(_ path: String) throws(SystemCallError) -> [String] {
  guard let folder = opendir(path) else { throw .last("opendir", path) }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names
}
