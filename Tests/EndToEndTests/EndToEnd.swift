import Testing

/// All runs of the built command. One at a time: each starts a handful of processes.
@Suite(.serialized) enum EndToEnd {}
