using Estream.Queue;
using Estream.Queue.Internal;

namespace Estream.Replication.Tests.Queues;

/// <summary>Compares logs.</summary>
internal static class LogFiles
{
    /// <summary>Requires that a copy has the same segments with the same bytes up to its end, and returns the number of messages.</summary>
    public static long RequireEqual(string source, string copy)
    {
        using EstreamQueue left = EstreamQueue.OpenReadOnly(source);
        using EstreamQueue right = EstreamQueue.OpenReadOnly(copy);
        using CommittedLogReader leftReader = new(left, left.OldestPosition());
        using CommittedLogReader rightReader = new(right, right.OldestPosition());
        while (leftReader.TryRead(64 << 10, out LogRange expected))
        {
            Assert.True(rightReader.TryRead(64 << 10, out LogRange found), $"The copy ends at {rightReader.Position}.");
            Assert.Equal(expected.Segment, found.Segment);
            Assert.Equal(expected.Position, found.Position);
            Assert.Equal(expected.Run, found.Run);
            Assert.True(expected.Frames.SequenceEqual(found.Frames));
        }

        Assert.False(rightReader.TryRead(64 << 10, out _), "The copy is longer than its source.");
        Assert.Null(right.Verify().Damage);
        return right.GetInfo().MessageCount;
    }
}
