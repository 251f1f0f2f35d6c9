using Estream.Streams.TestProcess;

// The other process in the tests of Streams. It runs pipelines until it is killed, or to the end of what there is.
return args switch
{
    ["run", var directory] => SamplePipelines.RunUntilKilled(directory),
    _ => throw new ArgumentException($"Unknown command '{string.Join(' ', args)}'."),
};
