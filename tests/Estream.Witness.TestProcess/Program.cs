using Estream.Witness.TestProcess;

// The child process of the Witness tests. Runs the requested work until it is killed.
return args switch
{
    ["run", var directory, var keyFile] => SampleWitness.RunUntilKilled(directory, keyFile),
    ["state", var directory, var keyFile] => SampleState.RunUntilKilled(directory, keyFile),
    _ => throw new ArgumentException($"Unknown command '{string.Join(' ', args)}'."),
};
