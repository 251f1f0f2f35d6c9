using Estream.Core;
using Estream.Queue;

namespace Estream.Map.TestProcess;

/// <summary>One of several writers of a map whose changes go into a queue; runs until it is killed.</summary>
internal static class FeedCommands
{
    public static int Write(string directory, string acknowledgements, int writer, int seed)
    {
        using MemoryRegion region = FileStorage.Instance.OpenRegion(acknowledgements, RegionAccess.ReadWrite);
        using EstreamQueue queue = EstreamQueue.Open(FeedScript.FeedOf(directory), FeedScript.FeedOptions);
        using QueueChangeSink sink = new(queue);
        using VersionedMap<long, FeedValue> map = VersionedMap.Open<long, FeedValue>(
            FeedScript.MapOf(directory),
            new MapOptions { InitialCapacity = 0, Writers = MapWriters.Many, Changes = new LingeringSink(sink) });
        using VersionedBatch<long, FeedValue> batch = map.CreateBatch();
        Random random = new(seed);
        for (long operation = 1; ; operation++)
        {
            if (operation < FeedScript.MostOperations)
            {
                FeedScript.Do(map, batch, random, operation);
                region.All.WriteInt64Release((long)writer * sizeof(long), operation);
            }
            else
            {
                // The feed must not fill the disk when the test is slow to kill the process.
                Thread.Sleep(1);
            }
        }
    }
}

/// <summary>Delays after an event is appended, so that most crashes happen before the change is applied.</summary>
internal sealed class LingeringSink(IChangeSink inner) : IChangeSink
{
    private const int Rounds = 500;

    public void Append(in MapChange change)
    {
        inner.Append(in change);
        Thread.SpinWait(Rounds);
    }
}
