import PipelineFile
import Stages
import TestSupport
import Testing

/// Only the columns that programs read are made of a CSV row. That must not show.
struct FieldPruningTests {
  private let folder = TemporaryFolder()

  private static let programs = [
    ".a", "{a, b}", "{a} + {d}", ".b // .c", "[.a, .b, .c, .d]", ".a as $x | {x: $x, c}", "[.[]]", "keys",
    ".",
    "{n: (.a | tostring), l: length}", "if .a then .b else .c end", "to_entries | map(.value)", "[.a, .zz]",
    "has(\"b\")", "del(.a)", ".[\"c\"]", "[.b?, (.c | length)]", "try error(.d) catch .",
    "with_entries(.value |= 1)",
    ".a as {b: $q} ?// $q | [$q]", "reduce (.a, .b) as $v (0; . + ($v | tostring | length))", "[paths]",

  ]

  private func rows(_ seed: UInt64) -> String {
    var random = SeededRandom(seed)
    var text = "a,b,c,d\n"
    for _ in 0..<60 {
      let cells = (0..<4).map { _ in
        random.pick(["", "1", "-2.5", "true", "x", "\"q \"\" r\"", "\"\"", "007", "\"a\nb\""])
      }
      text += cells.joined(separator: ",") + "\n"
    }
    return text
  }

  /// A filter that reads the whole record and keeps it: what follows has all columns.
  private let all = StepPlan.filter("(tojson | length) >= 0")

  @Test(arguments: programs) func `a program sees no difference`(_ program: String) throws {
    // Compiling takes libjq longer than everything else here.
    let pruned = try Chain([.map(program)])
    let whole = try Chain([all, .map(program)])
    for seed in UInt64(0)..<20 {
      let batches = try folder.batches(rows(seed), .csv(CSVOptions()))
      #expect(
        result(of: pruned, batches) == result(of: whole, batches).replacing("step 2", with: "step 1"),
        "seed \(seed)")
    }
  }

  /// What a program refuses in one chain it must refuse in the other.
  private func result(of chain: Chain, _ batches: [OwnedBatch]) -> String {
    do {
      return try chain(batches)
    } catch {
      return "\(error)"
    }
  }
}
