using Estream.Streams.TestProcess;
using Estream.Streams.TestProcess.Patterns;

// The second process in the tests of Streams. Runs a command until it is killed or the command ends.
return args switch
{
    ["run", var directory] => SamplePipelines.RunUntilKilled(directory),
    ["state", var directory] => StateProgram.Run(directory),
    ["signal", var directory] => SignalProgram.Run(directory),
    ["curated", var directory] => ModeratedProgram.Run(directory),
    ["transaction", var directory] => TransactionProgram.Run(directory),
    ["media", var directory] => MediaProgram.Run(directory),
    ["mpc", var directory] => MpcProgram.Run(directory),
    ["sublex", var directory] => SubLexProgram.Run(directory),
    ["growing", var directory] => SampleGrowing.RunUntilKilled(directory),
    ["vault", var directory, var keyFile, var seed] => VaultProgram.Run(directory, keyFile, seed),
    ["windows", var directory] => SampleEvents.RunUntilKilled(new SampleWindows(directory)),
    ["declared", var directory] => SampleDeclared.RunUntilKilled(directory),
    ["operators", var directory] => SampleEvents.RunUntilKilled(new SampleOperators(directory)),
    _ => throw new ArgumentException($"Unknown command '{string.Join(' ', args)}'."),
};
