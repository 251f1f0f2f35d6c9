using Estream.Witness.TestProcess;

// The other process in the tests of Witness. It does what it is told until it is killed.
return args switch
{
    ["run", var directory, var keyFile] => SampleWitness.RunUntilKilled(directory, keyFile),
    ["state", var directory, var keyFile] => SampleState.RunUntilKilled(directory, keyFile),
    _ => throw new ArgumentException($"Unknown command '{string.Join(' ', args)}'."),
};
