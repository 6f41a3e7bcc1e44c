import ArgumentParser

BenchmarksCommand.main()
