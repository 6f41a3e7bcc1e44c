import Testing

import PipelineFile

@Suite struct YAMLDiagnosticsTests {
  static let rest = "stages:\n  r: { source: { file: data/log.jsonl } }\n  w: { sink: stdout }\n"
  static let cases: [Said] = [
    Said("empty", "", "p.yaml:1:1: error: the file is empty; declare a source and a sink under 'stages:'"),
    Said(
      "blank", " \n\n", "p.yaml:1:1: error: the file is empty; declare a source and a sink under 'stages:'"),
    Said(
      "comments", "# nothing\n",
      "p.yaml:1:1: error: the file holds comments only; declare a source and a sink under 'stages:'"),
    Said(
      "a text", "hello\n",
      "p.yaml:1:1: error: a pipeline file is a mapping, and this is a text; begin with 'stages:'"),
    Said(
      "a list", "- a\n",
      "p.yaml:1:1: error: a pipeline file is a mapping, and this is a list; begin with 'stages:'"),
    Said(
      "mark", "\u{FEFF}stage: 1\n" + rest,
      "p.yaml:1:1: error: the file begins with a byte order mark; save it as UTF-8 without one",
      "p.yaml:1:1: error: unknown key 'stage' in the pipeline; did you mean 'stages'? known: name, vars, secrets, dead_letters, strategy, stages"
    ),
    Said("NUL", "a: \0\n", "p.yaml:1:4: error: a NUL byte in the text; remove it"),
    Said(
      "escape", "a: \u{1B}[0m\n", "p.yaml:1:4: error: the control character \\u{1b} in the text; remove it"),
    Said("C1", "a: \u{84}\n", "p.yaml:1:4: error: the control character \\u{84} in the text; remove it"),
    Said("tab", "stages:\n\tr: 1\n", "p.yaml:2:1: error: a tab where YAML wants blanks; indent with blanks"),
    Said(
      "tab in a flow", "stages:\n  r:\n\t  a: 1\n",
      "p.yaml:3:1: error: a tab where YAML wants blanks; indent with blanks"),
    Said(
      "second document", rest + "---\nname: b\n",
      "p.yaml:5:1: error: a second document begins here; write one pipeline to a file; remove the '---'"),
    Said(
      "doubled", rest + "name: a\nname: b\n",
      "p.yaml:5:1: error: the key 'name' stands twice in this mapping, first at line 4, column 1; remove one of the two"
    ),
    Said(
      "doubled twice, and more", "naem: x\nname: a\n'name': b\nvars: { a: 1, b: 2, a: 3, \"b\": 4 }\n" + rest,
      "p.yaml:1:1: error: unknown key 'naem' in the pipeline; did you mean 'name'? known: name, vars, secrets, dead_letters, strategy, stages",
      "p.yaml:3:1: error: the key 'name' stands twice in this mapping, first at line 2, column 1; remove one of the two",
      "p.yaml:4:21: error: the key 'a' stands twice in this mapping, first at line 4, column 9; remove one of the two",
      "p.yaml:4:27: error: the key 'b' stands twice in this mapping, first at line 4, column 15; remove one of the two"
    ),
    Said(
      "doubled thrice", "name: a\nname: b\nname: c\n" + rest,
      "p.yaml:2:1: error: the key 'name' stands twice in this mapping, first at line 1, column 1; remove one of the two",
      "p.yaml:3:1: error: the key 'name' stands twice in this mapping, first at line 1, column 1; remove one of the two"
    ),
    Said(
      "doubled empty", "'': a\n'': b\n" + rest,
      "p.yaml:1:1: error: the key '' stands twice in this mapping; remove one of the two"),
    Said(
      "doubled stage", rest + "  w: { sink: stdout }\n",
      "p.yaml:4:3: error: the key 'w' stands twice in this mapping, first at line 3, column 3; remove one of the two"
    ),
    Said(
      "tag", "name: !!int 5\nvars: { a: !foo 1, b: !!str 5 }\n" + rest,
      "p.yaml:1:7: error: the tag '!!int' has no meaning here; remove it: types are known from the keys",
      "p.yaml:2:12: error: the tag '!foo' has no meaning here; remove it: types are known from the keys"),
    Said(
      "undefined alias", "name: *nope\n" + rest,
      "p.yaml:1:7: error: the alias has no anchor above it; write the anchor ('&name') before its aliases"),
    Said(
      "key list", "[a]: b\n" + rest, "p.yaml:1:1: error: a key must be a text; put it in quotes if it is one"),
    Said(
      "unclosed quote", "name: \"abc\n" + rest,
      "p.yaml:1:7: error: the quotes opened here are never closed; close them"),
    Said(
      "unclosed brace", "vars: { a: 1\n" + rest,
      "p.yaml:2:7: error: expected ',' or '}' in the braces opened at line 1, column 7"),
    Said(
      "no colon", "name\n" + rest,
      "p.yaml:2:7: error: a ':' where no key can stand; put the value in quotes; if the line above is a key, end it with ':'"
    ),
    Said(
      "bad indent", "stages:\n    r: 1\n  w: 2\n",
      "p.yaml:3:3: error: expected a key here, indented as the mapping at line 1, column 1 is"),
    Said(
      "at sign", "name: @x\n" + rest,
      "p.yaml:1:7: error: a value cannot begin with '@'; put the value in quotes"),
    Said(
      "merge of a text", "x-a: &a text\nvars:\n  <<: *a\n" + rest,
      "p.yaml:3:3: error: '<<' merges mappings, and this is a text; give the alias of a mapping"),
    Said(
      "after characters", "vars: { ä: 1, ö: [ }\n",
      "p.yaml:1:22: error: expected a value here; put a text that begins so in quotes"),
    Said(
      "jq in double quotes", withStage("steps:\n- map: \"\\(.a)\""),
      "p.yaml:5:13: error: '\\(' is no escape of YAML's double quotes; if this is the jq program of 'map', write the program under '|'"
    ),
    Said(
      "jq with a string first", withStage("steps:\n- map: \"a\" + .b"),
      "p.yaml:5:16: error: expected a key here, indented as the mapping at line 5, column 7 is; if this is the jq program of 'map', write the program under '|'"
    ),
    Said(
      "jq with an object", withStage("steps:\n- map: .a | {b: .c}"),
      "p.yaml:5:19: error: a ':' where no key can stand; if this is the jq program of 'map', write the program under '|'"
    ),
    Said(
      "jq with a format", withStage("steps:\n- map: @base64"),
      "p.yaml:5:12: error: a value cannot begin with '@'; if this is the jq program of 'map', write the program under '|'"
    ),
  ]

  @Test(arguments: cases) func says(_ said: Said) {
    #expect(Workspace().said(about: said.text) == said.expected)
  }

  @Test func bytesThatAreNoText() {
    let workspace = Workspace()
    workspace.write("p.yaml", Array("a: 1\nb: ".utf8) + [0xC3, 0x28, 0x0A])
    #expect(workspace.said() == ["p.yaml:2:4: error: the bytes here are not UTF-8; save the file as UTF-8"])
    workspace.write("p.yaml", [0xFF, 0xFE, 0x61, 0x00])
    #expect(workspace.said() == ["p.yaml: error: is UTF-16; save it as UTF-8"])
    workspace.write("p.yaml", [UInt8](repeating: 0x20, count: (4 << 20) + 1))
    #expect(workspace.said() == ["p.yaml: error: is larger than 4MiB; give a pipeline file, which is YAML"])
  }

  @Test func filesThatCannotBeRead() {
    let workspace = Workspace()
    func said(_ path: String) -> String {
      switch workspace.load(path) {
      case .success: "fine"
      case .failure(let errors): errors.description
      }
    }
    #expect(said("none.yaml") == "none.yaml: error: cannot be read: No such file or directory")
    #expect(
      said("data") == "data: error: cannot be read: Is a directory; give the path of a pipeline file")
  }

  @Test func anAliasBombIsRefused() {
    var bomb = "x-a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...20 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      bomb += "x-a\(level): &a\(level) [\(aliases)]\n"
    }
    let workspace = Workspace()
    #expect(workspace.said(about: bomb + Self.rest).count == 1)
    #expect(workspace.said(about: bomb + "? *a20\n: 1\n" + Self.rest).count == 1)
    #expect(workspace.said(about: bomb + "[*a20]: 1\n" + Self.rest).count == 1)
  }

  @Test func deepNestingIsRefused() {
    let workspace = Workspace()
    let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
    #expect(
      workspace.said(about: "vars: { a: \(deep) }\n" + Self.rest) == [
        "p.yaml:1:75: error: nested more than 64 levels deep; write a simpler file"
      ])
    let deeper = String(repeating: "[", count: 5_000)
    #expect(workspace.said(about: "vars: { a: \(deeper) }\n" + Self.rest).count == 1)
  }
}
