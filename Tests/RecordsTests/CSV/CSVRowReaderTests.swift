import Records
import TestSupport
import Testing

/// Cells of all rows, faults as their message's start.
private func read(_ input: String, columns: [String], ragged: CSVRagged = .fail) throws -> [[String]] {
  var reader = CSVRowReader(schema: try CSVSchema(columns: columns, ragged: ragged))
  return withBytes(input) { payload in
    reader.start(payload)
    var rows: [[String]] = []
    while true {
      do throws(RecordError) {
        guard try reader.next() else { return rows }
        var cells: [String] = []
        for index in 0..<reader.cellCount {
          var buffer = BatchBuffer(capacity: 8)
          reader.appendText(index, into: &buffer)
          cells.append(reader[index].flags.contains(.missing) ? "<missing>" : text(buffer))
        }
        rows.append(cells)
      } catch {
        rows.append(["line \(error.line), record \(error.record): \(error.fault)"])
      }
    }
  }
}

@Test(arguments: [
  ("", []),
  ("1,2", [["1", "2"]]),
  ("1,2\n3,4\n", [["1", "2"], ["3", "4"]]),
  ("1,2\r\n3,4\r\n", [["1", "2"], ["3", "4"]]),
  ("1,2\n\n\r\n3,4\r", [["1", "2"], ["3", "4"]]),
  ("\"a,b\",\"c\nd\"\n", [["a,b", "c\nd"]]),
  ("\"say \"\"hi\"\"\",\"\"\"\"\n", [["say \"hi\"", "\""]]),
  ("a\"b,c\rd\n", [["a\"b", "c\rd"]]),
  (" \"a\",b\n", [[" \"a\"", "b"]]),
  (",\n\"\",\n", [["", ""], ["", ""]]),
])
func readsTheGrammar(input: String, rows: [[String]]) throws {
  #expect(try read(input, columns: ["a", "b"]) == rows)
}

@Test func blankLineIsAnEmptyCellOfAnOnlyColumn() throws {
  #expect(try read("1\n\n\r\n2", columns: ["a"]) == [["1"], [""], [""], ["2"]])
}

@Test func reportsFaultsAndGoesOn() throws {
  let rows = try read("1,2\n\n\"a\"b,2\n3,4\n5\n6,7,8\n\"x\ny\",9\n1,\u{0}\n\"a\n,", columns: ["a", "b"])
  #expect(rows.count == 8)
  #expect(rows[1][0].hasPrefix("line 2, record 1: 'b' after a closing quote; expected the delimiter"))
  #expect(rows[2] == ["3", "4"])
  #expect(rows[3][0].hasPrefix("line 4, record 3: 1 cells where the columns are 2"))
  #expect(rows[4][0].hasPrefix("line 5, record 4: 3 cells where the columns are 2"))
  #expect(rows[5] == ["x\ny", "9"])
  #expect(rows[6][0].hasPrefix("line 8, record 6: a NUL byte; CSV is text"))
  #expect(rows[7][0].hasPrefix("line 9, record 7: a quoted cell opens on this line"))
}

@Test func padsRaggedRows() throws {
  let rows = try read("1\n1,2,,\"\"\n1,2,,x\n", columns: ["a", "b"], ragged: .pad)
  #expect(rows[0] == ["1", "<missing>"])
  #expect(rows[1] == ["1", "2"])
  #expect(rows[2][0].hasPrefix("line 2, record 2: 4 cells where the columns are 2"))
}

@Test(arguments: 0..<400)
func readerAgreesWithReference(seed: Int) throws {
  var random = SeededRandom(UInt64(seed))
  let tokens = [
    ",", ",", "\"", "\n", "\r\n", "\r", "a", "é", "12", "\"\"", "\",\"", "long enough for a word",
  ]
  let input = random.bytes(of: tokens, upTo: 60)
  for oneColumn in [false, true] {
    let schema = try CSVSchema(columns: oneColumn ? ["a"] : ["a", "b"])
    let expected = ReferenceCSV.rows(input, delimiter: 0x2C, oneColumn: oneColumn)
    var reader = CSVRowReader(schema: schema)
    let rows = withBytes(input) { payload in
      reader.start(payload)
      var rows: [ReferenceCSV.Row] = []
      while true {
        var fault: RecordFault?
        do throws(RecordError) { guard try reader.next() else { return rows } } catch { fault = error.fault }
        var row = ReferenceCSV.Row(line: reader.lineOffset, lines: reader.lineCount)
        switch fault {
        case .unterminatedQuote: row.fault = .unterminated
        case .textAfterQuote: row.fault = .textAfterQuote
        default: break
        }
        // The number of cells after a ragged fault is the schema's: compare whole rows only.
        if fault == nil {
          for index in 0..<reader.cellCount {
            var buffer = BatchBuffer(capacity: 8)
            reader.appendText(index, into: &buffer)
            let bytes = buffer.withPayload { Array($0) }
            row.cells.append(.init(bytes: bytes, quoted: reader[index].flags.contains(.quoted)))
          }
        }
        rows.append(row)
      }
    }
    let comparable = expected.map { row in
      var row = row
      row.isOpen = false
      if row.fault != nil || row.cells.count != schema.columns.count { row.cells = [] }
      return row
    }
    #expect(rows == comparable, "seed \(seed): \(String(decoding: input, as: UTF8.self).debugDescription)")
  }
}
