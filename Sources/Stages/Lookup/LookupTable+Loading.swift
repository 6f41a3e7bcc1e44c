import Expressions
import Glibc
import POSIXKit
import PipelineFile
import Records

extension LookupTable {
  /// Reads a table's file and indexes it by its key. Everything that is wrong with it is told with its line.
  package static func load(_ plan: LookupPlan) throws(StageFailure) -> LookupTable {
    let file = plan.table
    let bytes = try read(file)
    do {
      return try index(bytes, plan)
    } catch {
      free(bytes.baseAddress)
      throw error
    }
  }

  private static func read(_ file: InputFile) throws(StageFailure) -> UnsafeMutableRawBufferPointer {
    do {
      let descriptor = try Descriptor.open(file.path)
      let status = try descriptor.status()
      let size = Int(file.size)
      if UInt64(status.st_ino) != file.inode || UInt64(status.st_dev) != file.device || status.st_size != size
      {
        throw StageFailure(
          "\(file.shown): error: it is not the table that was there when the run began; "
            + "leave lookup tables as they are during a run")
      }
      let memory = UnsafeMutableRawBufferPointer(
        start: malloc(size + BatchBuffer.padding), count: size + BatchBuffer.padding)
      var count = 0
      while count < size {
        let read = try descriptor.pread(
          into: UnsafeMutableRawBufferPointer(rebasing: memory[count..<size]), at: count)
        if read == 0 {
          free(memory.baseAddress)
          throw StageFailure(
            "\(file.shown): error: it had \(size) bytes when the run began and has \(count) now")
        }
        count += read
      }
      memset(memory.baseAddress! + size, 0, BatchBuffer.padding)
      return UnsafeMutableRawBufferPointer(rebasing: memory[..<size])
    } catch let error as StageFailure {
      throw error
    } catch {
      throw StageFailure("\(file.shown): error: it can't be read: \(error)")
    }
  }

  private static func index(
    _ memory: UnsafeMutableRawBufferPointer, _ plan: LookupPlan
  ) throws(StageFailure) -> LookupTable {
    let file = plan.table.shown
    let whole = UnsafeRawBufferPointer(memory)
    let start = UTF8.startsWithBOM(whole) ? 3 : 0
    var format = InputFormat(plan.format)
    var entries = LookupEntries()
    let header = try format.readHeader(whole.bytes(start..<whole.count), isEnd: true, file: file)!
    let recordsStart = start + header.length
    let records = whole.bytes(recordsStart..<whole.count)
    let line = UInt64(1 + header.lines)
    if !records.isEmpty { _ = try format.cut(records, isEnd: true, file: file, line: line, policy: .fail) }
    var schema: CSVSchema?
    switch plan.format {
    case .csv:
      schema = try? format.schema.withUnsafeBytes { try CSVSchema(decoding: $0) }
      try indexRows(records, schema!, plan, base: recordsStart, line: Int(line), into: &entries)
    case .jsonLines:
      try indexObjects(records, plan, base: recordsStart, line: Int(line), into: &entries)
    case .lines:
      throw StageFailure("\(file): error: a lookup table is csv or jsonl; plain lines have no fields")
    }
    if let double = entries.findDouble() {
      throw StageFailure(
        "\(file):\(double.second): error: the key \(double.key) is on line \(double.first) already; "
          + "the keys of a lookup table are unique")
    }
    return LookupTable(format: format.recordFormat, schema: schema, bytes: memory, entries: entries)
  }

  private static func indexRows(
    _ records: UnsafeRawBufferPointer, _ schema: CSVSchema, _ plan: LookupPlan, base: Int, line: Int,
    into entries: inout LookupEntries
  ) throws(StageFailure) {
    let file = plan.table.shown
    guard let column = schema.columns.firstIndex(of: plan.tableKey) else {
      throw StageFailure(
        "\(file):1: error: there is no column '\(plan.tableKey)' to look up by; the columns are "
          + schema.columns.joined(separator: ", "))
    }
    var reader = CSVRowReader(schema: schema)
    var values = RowValue(schema: schema, fields: nil)
    var writer = JSONTextWriter()
    reader.start(records)
    do throws(RecordError) {
      while try reader.next() {
        let key = try values.value(of: column, reader)
        let range = reader.rowRange.lowerBound + base..<reader.rowRange.upperBound + base
        writer.withText(of: key) { entries.add(key: $0, range: range, line: line + reader.lineOffset) }
      }
    } catch {
      throw StageFailure("\(file):\(line + error.line): error: \(error)")
    }
  }

  private static func indexObjects(
    _ records: UnsafeRawBufferPointer, _ plan: LookupPlan, base: Int, line: Int,
    into entries: inout LookupEntries
  ) throws(StageFailure) {
    let file = plan.table.shown
    var reader = LineReader(records, skipsBlanks: true)
    var parser = JSONParser()
    var writer = JSONTextWriter()
    let key = JQKey(plan.tableKey)
    while let range = reader.next() {
      let place = "\(file):\(line + reader.lineOffset)"
      do {
        let record = try parser.parse(records.bytes(range))
        guard let value = record[key] else {
          throw StageFailure("\(place): error: the record has no field '\(plan.tableKey)' to look up by")
        }
        let shifted = range.lowerBound + base..<range.upperBound + base
        writer.withText(of: value) { entries.add(key: $0, range: shifted, line: line + reader.lineOffset) }
      } catch let error as StageFailure {
        throw error
      } catch {
        throw StageFailure("\(place): error: \(error)")
      }
    }
  }
}
