using Estream.Queue;
using Estream.Queue.TestProcess;

// The other process in the tests of Core and Queue. Each command reports its results on standard output. It ends when its standard input
// ends or when it is killed.
return args switch
{
    ["lock", var path, var mode] => MemoryCommands.Lock(path, mode),
    ["count", var path, var times] => MemoryCommands.Count(path, long.Parse(times)),
    ["ping", var path, var rounds] => MemoryCommands.Ping(path, int.Parse(rounds)),
    ["append", var directory] => QueueCommands.HoldAppender(directory),
    ["name", var directory, var name] => QueueCommands.HoldName(directory, name),
    ["read", var directory] => QueueCommands.HoldSegment(directory),
    ["stand", var directory, var access, var messages] => QueueCommands.Stand(directory, access == "write", long.Parse(messages)),
    ["write", var directory, var seed, var retained] => QueueCommands.Write(directory, int.Parse(seed), long.Parse(retained)),
    ["write-durable", var directory, var seed] => QueueCommands.WriteDurable(directory, int.Parse(seed)),
    ["claim", var directory] => SharedCommands.HoldClaim(directory),
    ["hold-up", var directory] => SharedCommands.HoldUp(directory),
    ["batch", var directory, var mode] => SharedCommands.HoldBatch(directory, Enum.Parse<AppenderMode>(mode)),
    ["pipe", var source, var output, var mode, var seed] =>
        SharedCommands.Pipe(source, output, Enum.Parse<AppenderMode>(mode), int.Parse(seed)),
    ["shared-write", var directory, var writer, var acknowledgements, var retained] =>
        SharedCommands.Write(directory, int.Parse(writer), acknowledgements, long.Parse(retained)),
    ["follow", var directory, var name, var taken] => SharedCommands.Follow(directory, name, taken),
    ["open", var directory, var gate, var writer] => OpenCommands.OpenWhenTold(directory, gate, int.Parse(writer)),
    ["wait", var directory, var way] => await WaitCommands.Wait(directory, way),
    ["bursts", var directory, var writer, var mode] =>
        WaitCommands.WriteBursts(directory, int.Parse(writer), Enum.Parse<AppenderMode>(mode)),
    ["tail", var directory] => QueueCommands.Tail(directory),
    ["group", var source, var output, var group, var seed] => GroupCommands.Consume(source, output, group, int.Parse(seed)),
    ["fill", var directory, var bytes, var segment, var memory, var perSecond] =>
        FillCommands.Fill(directory, long.Parse(bytes), long.Parse(segment), long.Parse(memory), long.Parse(perSecond)),
    _ => throw new ArgumentException($"Unknown command '{string.Join(' ', args)}'."),
};
