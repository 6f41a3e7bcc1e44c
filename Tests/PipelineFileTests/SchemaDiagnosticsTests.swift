import Testing

import PipelineFile

@Suite struct SchemaDiagnosticsTests {
  static let cases: [Said] = [
    Said("fine", withStage("steps: [{ filter: .a }]")),
    Said(
      "unknown key", withStage("worker: 2\nsteps: [{ filter: .a }]"),
      "p.yaml:4:5: error: unknown key 'worker' in stage 's'; did you mean 'workers'? known: from, source, steps, sink, workers, key, order, start_method, restart, on_error, attempts, deadline, memory, nice, cpus, files, recycle_after"
    ),
    Said(
      "unknown key at the top",
      "stage: {}\nstages:\n  r: { source: { file: data/log.jsonl } }\n  w: { sink: stdout }\n",
      "p.yaml:1:1: error: unknown key 'stage' in the pipeline; did you mean 'stages'? known: name, vars, secrets, dead_letters, strategy, stages"
    ),
    Said(
      "no stages", "name: a\n",
      "p.yaml:1:1: error: the file has no 'stages'; declare a source and a sink under 'stages:'"),
    Said(
      "stages a list", "stages: [a]\n",
      "p.yaml:1:9: error: 'stages' must be a mapping of at least two stages, and this is a list; write 'name: { source: ... }'"
    ),
    Said(
      "bad name", "name: My Pipe\n" + withStage("steps: [{ filter: .a }]"),
      "p.yaml:1:7: error: 'name': 'My Pipe' is no name; write small letters, digits, '-' and '_', such as 'my-pipe'"
    ),
    Said(
      "workers", withStage("workers: many\nsteps: [{ filter: .a }]"),
      "p.yaml:4:14: error: 'workers': 'many' is no whole number; write one from 1 to 256"),
    Said(
      "workers range", withStage("workers: 257\nsteps: [{ filter: .a }]"),
      "p.yaml:4:14: error: 'workers': 257 is out of range; write a number from 1 to 256"),
    Said(
      "workers list", withStage("workers: [1]\nsteps: [{ filter: .a }]"),
      "p.yaml:4:14: error: 'workers' takes one value, and this is a list; write a single value"),
    Said(
      "workers nothing", withStage("workers:\nsteps: [{ filter: .a }]"),
      "p.yaml:4:13: error: 'workers' has no value; write one"),
    Said(
      "start method", withStage("start_method: froks\nsteps: [{ filter: .a }]"),
      "p.yaml:4:19: error: 'start_method': 'froks' is not one of the choices; write auto, fork, spawn or forkserver"
    ),
    Said(
      "restart policy", withStage("restart: No\nsteps: [{ filter: .a }]"),
      "p.yaml:4:14: error: 'restart': 'No' is not one of the choices; write always, on-failure or never"),
    Said(
      "restart unit", withStage("restart: { within: 60, backoff: 5s..50ms }\nsteps: [{ filter: .a }]"),
      "p.yaml:4:24: error: 'within': the duration '60' has no unit; write 60s",
      "p.yaml:4:37: error: 'backoff': the range '5s..50ms' ends before it begins; write the shorter duration first"
    ),
    Said(
      "restart unit ns", withStage("restart: { within: 60ns }\nsteps: [{ filter: .a }]"),
      "p.yaml:4:24: error: 'within': 'ns' is no unit of time; the units are ms, s, m, h or d"),
    Said(
      "nothing to do", withStage("workers: 1"),
      "p.yaml:3:3: error: stage 's' does nothing; give it one of 'source', 'steps' and 'sink'"),
    Said(
      "two works", withStage("steps: [{ filter: .a }]\nsink: stdout"),
      "p.yaml:5:5: error: stage 's' has both 'steps' and 'sink'; make two stages of it"),
    Said(
      "empty steps", withStage("steps: []"),
      "p.yaml:4:12: error: 'steps' is an empty list; write at least one step"),
    Said(
      "steps a mapping", withStage("steps: { filter: .a }"),
      "p.yaml:4:12: error: 'steps' must be a list, and this is a mapping; write '[...]' or lines with '- '"),
    Said(
      "two in a step", withStage("steps: [{ filter: .a, map: .b }]"),
      "p.yaml:4:27: error: step 1 of stage 's' has both 'filter' and 'map'; begin another step with '- '"),
    Said(
      "unknown step", withStage("steps: [{ filtre: .a }, {}]"),
      "p.yaml:4:15: error: unknown key 'filtre' in step 1 of stage 's'; did you mean 'filter'? known: filter, map, lookup, exec, use, with",
      "p.yaml:4:29: error: step 2 of stage 's' is empty; write 'filter', 'map', 'lookup', 'exec' or 'use'"),
    Said(
      "stage name", "stages:\n  Read: { source: { file: data/log.jsonl } }\n  w: { sink: stdout }\n",
      "p.yaml:2:3: error: the stage's name: 'Read' is no name; write small letters, digits, '-' and '_', such as 'read'"
    ),
    Said(
      "boolean", withSource("{ file: { path: data/odd.dat, csv: { infer: no } } }"),
      "p.yaml:3:57: error: 'infer': 'no' is no boolean; write true or false"),
    Said(
      "delimiter", withSource("{ file: { path: data/odd.dat, csv: { delimiter: ';;' } } }"),
      "p.yaml:3:61: error: 'delimiter': ';;' is not one byte; write one such as ';' in quotes, or tab"),
    Said(
      "delimiter quote", withSource("{ file: { path: data/odd.dat, csv: { delimiter: '\"' } } }"),
      "p.yaml:3:61: error: 'delimiter': '\"' has another meaning in csv; write one such as ';' in quotes, or tab"
    ),
    Said(
      "types", withSource("{ file: { path: data/odd.dat, csv: { types: { a: string } } } }"),
      "p.yaml:3:62: error: the type of 'a': 'string' is not one of the choices; write text, number or boolean"
    ),
    Said(
      "ragged", withSource("{ file: { path: data/odd.dat, csv: { ragged: padd, headers: some } } }"),
      "p.yaml:3:58: error: 'ragged': 'padd' is not one of the choices; did you mean 'pad'? write fail or pad",
      "p.yaml:3:73: error: 'headers': 'some' is not one of the choices; did you mean 'same'? write same or each"
    ),
    Said(
      "nulls", withSource("{ file: { path: data/odd.dat, csv: { nulls: NA } } }"),
      "p.yaml:3:57: error: 'nulls' must be a list, and this is a text; write '[...]' or lines with '- '"),
    Said(
      "no extension", withSource("{ file: data/odd.dat }"),
      "p.yaml:3:21: error: 'odd.dat' has no extension that is known, so its format is open; write '{ path: data/odd.dat, format: csv }', or jsonl, or lines"
    ),
    Said(
      "two formats", withSource("{ file: { path: data/odd.dat, csv: {}, format: lines } }"),
      "p.yaml:3:52: error: both 'csv' and 'format' say the format; keep one of them"),
    Said(
      "format", withSource("{ file: { path: data/odd.dat, format: cvs } }"),
      "p.yaml:3:51: error: 'format': 'cvs' is not one of the choices; did you mean 'csv'? write csv, jsonl or lines"
    ),
    Said(
      "standard input", withSource("{ file: '-' }"),
      "p.yaml:3:21: error: standard input has no extension, so its format is open; write '{ path: -, format: csv }', or jsonl, or lines"
    ),
    Said(
      "no path", withSource("{ file: { csv: {} } }"),
      "p.yaml:3:21: error: 'file' of stage 'r' has no path; write 'path: ...' in it"),
    Said(
      "source a text", withSource("data/flights.csv"),
      "p.yaml:3:13: error: 'source' of stage 'r' must be a mapping, and this is a text; known keys: file, use, with"
    ),
    Said(
      "source empty", withSource("{}"),
      "p.yaml:3:13: error: 'source' of stage 'r' is empty; write '{ file: path }'"),
    Said(
      "source unknown", withSource("{ flie: a }"),
      "p.yaml:3:15: error: unknown key 'flie' in 'source' of stage 'r'; did you mean 'file'? known: file, use, with"
    ),
    Said(
      "sink unknown", withSink("stdot"),
      "p.yaml:4:11: error: 'stdot' is no sink; write 'stdout', 'discard', or '{ file: stdot }'"),
    Said(
      "sink both", withSink("{ file: a.csv, stdout: {} }"),
      "p.yaml:4:26: error: 'sink' of stage 'w' has both 'file' and 'stdout'; make two sinks of it"),
    Said(
      "sink columns", withSink("{ file: { path: o.csv, csv: { columns: [a, a], nulls: [] } } }"),
      "p.yaml:4:54: error: 'columns' names 'a' twice; name it once",
      "p.yaml:4:65: error: 'nulls' is an empty list; name what is written for null"),
    Said(
      "sink csv source option", withSink("{ file: { path: o.csv, csv: { ragged: pad } } }"),
      "p.yaml:4:41: error: unknown key 'ragged' in 'csv' of 'file' of stage 'w'; known: delimiter, nulls, columns"
    ),
    Said(
      "sink existing", withSink("{ file: { path: o.csv, existing: overwrite } }"),
      "p.yaml:4:44: error: 'existing': 'overwrite' is not one of the choices; write own, replace, append or refuse"
    ),
    Said(
      "sink dash", withSink("{ file: '-' }"),
      "p.yaml:4:19: error: '-' is no path of a sink; write 'sink: stdout'"),
    Said(
      "lookup empty", withStage("steps: [{ lookup: {} }]"),
      "p.yaml:4:23: error: 'lookup' in step 1 of stage 's' has no 'table'; add 'table: ...'",
      "p.yaml:4:23: error: 'lookup' in step 1 of stage 's' has no 'key'; add 'key: ...'",
      "p.yaml:4:23: error: 'lookup' in step 1 of stage 's' has no 'as'; add 'as: ...'"),
    Said(
      "lookup",
      withStage(
        "steps:\n- lookup: { table: data/airlines.csv, key: '.a | .b', as: x, missing: dead-leter }"),
      "p.yaml:5:48: error: the key is no plain '.name', so the table's column is open; add 'table_key: ...'",
      "p.yaml:5:75: error: 'missing': 'dead-leter' is not one of the choices; did you mean 'dead-letter'? write null, drop, fail or dead-letter"
    ),
    Said(
      "lookup lines", withStage("steps:\n- lookup: { table: data/odd.dat, format: lines, key: .a, as: '' }"),
      "p.yaml:5:46: error: lines have no fields, so they make no table; use a csv or jsonl file",
      "p.yaml:5:66: error: 'as' is empty; write a value"),
    Said(
      "lookup stdin", withStage("steps:\n- lookup: { table: '-', key: .a, as: x }"),
      "p.yaml:5:24: error: a table cannot be read from standard input; write it to a file"),
  ]

  @Test(arguments: cases) func says(_ said: Said) {
    #expect(Workspace().said(about: said.text) == said.expected)
  }
}
