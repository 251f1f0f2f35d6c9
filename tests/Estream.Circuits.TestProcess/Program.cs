using Estream.Circuits.TestProcess;

// The child process of the Circuits tests. It runs the given work until it is killed.
return args switch
{
    ["replicate", var directory] => ReplicaWork.RunUntilKilled(directory),
    ["compact", var directory] => CompactionWork.RunUntilKilled(directory),
    ["transactions", var directory] => PatternWork.RunUntilKilled(directory, PatternWork.Transactions),
    ["signals", var directory] => PatternWork.RunUntilKilled(directory, PatternWork.Signals),
    ["media", var directory] => MediaWork.RunUntilKilled(directory),
    ["ways", var directory] => RoutesWork.RunUntilKilled(directory),
    _ => throw new ArgumentException($"Unknown command '{string.Join(' ', args)}'."),
};
