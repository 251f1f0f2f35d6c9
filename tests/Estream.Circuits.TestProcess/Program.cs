using Estream.Circuits.TestProcess;

// The other process in the tests of Circuits. It does what it is told until it is killed.
return args switch
{
    ["replicate", var directory] => ReplicaWork.RunUntilKilled(directory),
    ["ways", var directory] => RoutesWork.RunUntilKilled(directory),
    _ => throw new ArgumentException($"Unknown command '{string.Join(' ', args)}'."),
};
