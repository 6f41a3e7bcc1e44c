import Glibc
import POSIXKit
import PipelineFile
import Records
import Stages
import Testing

/// Programs that die, hang, say too much or too little.
@Suite struct BadProgramTests {
  /// A loop of the shell with a case for single lines.
  private static func loop(_ cases: String) -> String {
    "while read -r line; do case $line in \(cases) *) echo \"<$line>\";; esac; done"
  }

  @Test func aLineThatKillsItIsRefusedAlone() throws {
    let chain = try Chain([.script(Self.loop("4) echo oh >&2; kill -9 $$;; 7) exit 3;;"))])
    let made = try Made(chain, batch((1...9).map { "\($0)" }))
    #expect(made.text == [1, 2, 3, 5, 6, 8, 9].map { "<\($0)>\n" }.joined())
    #expect(made.letters.map(\.line) == [4, 7] && made.letters.map(\.step) == [1, 1])
    #expect(
      made.reasons[0].hasSuffix(
        "ended (signal 9 (SIGKILL)) before it had answered with this record in hand, 3 times; it said last: 'oh'"
      ),
      "\(made.reasons)")
    #expect(made.reasons[1].contains("ended (exit 3)"), "\(made.reasons)")
    #expect(try chain(batch(["10"])).text == "<10>\n")
  }

  @Test func onErrorFailNamesTheLine() throws {
    let chain = try Chain([.script(Self.loop("4) kill -9 $$;;"))])
    let said = failure { _ = try Made(chain, batch((1...9).map { "\($0)" }), policy: .fail) }
    #expect(said?.hasPrefix("standard input:4: error: the program") == true, "\(said ?? "")")
    #expect(said?.hasSuffix("(stage clean, step 1, exec)") == true, "\(said ?? "")")
  }

  /// What would have been the answer to the next line must not become the answer to the silent one.
  @Test func aSilentLineIsRefusedAndTakesNoOthersAnswer() throws {
    let chain = try Chain([.script(Self.loop("3) ;;"), deadline: 100_000_000)])
    let made = try Made(chain, batch((1...5).map { "\($0)" }))
    #expect(made.text == "<1>\n<2>\n<4>\n<5>\n")
    #expect(made.letters.map(\.line) == [3])
    #expect(made.reasons[0].contains("gave no answer for 100ms and was ended"), "\(made.reasons)")
  }

  /// Life on standard error is no answer.
  @Test func aChattyHangIsAHang() throws {
    let chain = try Chain([
      .script(Self.loop("3) while :; do echo busy >&2; sleep 0.01; done;;"), deadline: 150_000_000)
    ])
    let made = try Made(chain, batch((1...4).map { "\($0)" }))
    #expect(made.letters.map(\.line) == [3])
    #expect(made.text == "<1>\n<2>\n<4>\n")
  }

  @Test func aProgramThatKeepsItsAnswersIsToldHow() throws {
    let plan = ExecPlan(
      command: ["python3", "x.py"], per: .line, deadline: 50_000_000, program: "/bin/cat", folder: "/tmp",
      position: .test)
    #expect(plan.name == "python3")
    let chain = try Chain([.script("cat >/dev/null", deadline: 50_000_000)])
    let said = failure { _ = try Made(chain, batch(["1"]), policy: .fail) }
    #expect(said?.contains("such as by 'stdbuf -oL'") == true, "\(said ?? "")")
  }

  @Test func aProgramThatOnlyEndsEndsTheRun() throws {
    let chain = try Chain([.script("echo no such table >&2; exit 7")])
    let said = failure { _ = try Made(chain, batch((1...40).map { "\($0)" })) }
    #expect(
      said?.contains(
        "ended (exit 7) before it had answered, 11 times in a row without an answer, the last time with standard input:"
      ) == true,
      "\(said ?? "")")
    #expect(said?.contains("it said last: 'no such table'") == true, "\(said ?? "")")
  }

  /// One answer a life is slow, but right.
  @Test func aProgramOfOneLineALifeGoesOn() throws {
    let chain = try Chain([.script("read -r line; echo \"<$line>\"")])
    let made = try Made(chain, batch((1...6).map { "\($0)" }))
    #expect(made.text == (1...6).map { "<\($0)>\n" }.joined() && made.letters == [])
    #expect(try chain(batch(["7"])).text == "<7>\n")
  }

  @Test func aHeadlineIsTold() throws {
    let chain = try Chain([.script("echo name; exec cat")])
    let said = failure { _ = try chain(batch(["a", "b"])) }
    #expect(
      said?.hasPrefix("standard input:") == true && said?.contains("wrote 'b' behind its answer") == true,
      "\(said ?? "")")
    #expect(said?.contains("no headline or summary") == true, "\(said ?? "")")
  }

  @Test func twoAnswersForOneLineAreTold() throws {
    let chain = try Chain([.script(Self.loop("3) echo 3a; echo 3b;;"), window: 1)])
    let said = failure { _ = try chain(batch((1...5).map { "\($0)" })) }
    #expect(said != nil && said!.contains("behind its answer to this line"), "\(said ?? "")")
  }

  @Test func aSummaryAtTheEndIsTold() throws {
    let chain = try Chain([.script("cat; echo 3 lines")])
    #expect(try chain(batch(["a", "b", "c"])).text == "a\nb\nc\n")
    let said = failure { try chain.finish() }
    #expect(said?.hasPrefix("standard input:3: error: the program") == true, "\(said ?? "")")
    #expect(said?.contains("wrote '3 lines' behind its answer") == true, "\(said ?? "")")
  }

  @Test func anOrderlyEndIsQuiet() throws {
    let chain = try Chain([.script("cat; echo bye >&2")])
    #expect(try chain(batch(["a"])).text == "a\n")
    try chain.finish()
    try chain.finish()
  }
}
