import ProcessionCLI

CommandLineMain.run()
