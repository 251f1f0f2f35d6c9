using Estream.Core;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>The work of the hand-off scenarios in a round, passed to every contender and to the C++ program alike.</summary>
internal sealed record HandoffWorkload(RunSize Size)
{
    /// <summary>Messages the writer may be ahead of the reader: about 20 MB, the window at which the floor is fastest.</summary>
    public const int Window = 262_144;

    /// <summary>Messages that become visible together in the coarse mode.</summary>
    public const int CoarseMessages = 1024;

    /// <summary>Messages after which a writer checks the reader's position, and a reader publishes it.</summary>
    public const int RoomCheckMessages = 1024;

    /// <summary>
    /// The argument of <see cref="Thread.SpinWait"/> after a poll that found nothing, about eight microseconds. Polling again at once takes
    /// the cache line from its writer, and a reader that polls too soon follows the writer line by line.
    /// </summary>
    public const int Backoff = 256;

    /// <summary>The time of <see cref="Backoff"/> in pause instructions; one iteration of Thread.SpinWait is about four.</summary>
    private const int NativeBackoff = 1024;

    /// <summary>Time between two messages of `handoff-latency`: two hundred thousand a second.</summary>
    public const long IntervalNanos = 5_000;

    /// <summary>Messages handed over in a round of `handoff-throughput`.</summary>
    public long Messages => Size.Of(8_000_000, 20_000);

    /// <summary>Messages handed over in a round of `handoff-latency`, each timed.</summary>
    public long TimedMessages => Size.Of(30_000, 500);

    public string ThroughputArguments(int batch) => $"--messages {Messages} --batch {batch} --window {Window} --backoff {NativeBackoff}";

    /// <summary>As <see cref="ThroughputArguments"/>, but with a ring as large as the retained segments of a queue.</summary>
    public string LogThroughputArguments(int batch) => $"{ThroughputArguments(batch)} --log-frames {LogFrames}";

    private long LogFrames
    {
        get
        {
            var log = new LogWorkload(Size);
            return Math.Max(Window, log.SegmentBytes * log.RetainedSegments / (LogWorkload.PayloadBytes + 16));
        }
    }

    public string LatencyArguments => $"--messages {TimedMessages} --interval-ns {IntervalNanos} --window {Window}";

    public string QueueArguments(int portion) => $"--messages {Messages / portion} --window {Window}";
}

/// <summary>The reader's position in a hand-off, which keeps the writer within a window, as in a program that bounds its
/// memory.</summary>
internal sealed class Window
{
    private const int Backoff = 16;

    private readonly PaddedCounter _taken = new();

    /// <summary>Adds to the number of messages that the reader has taken.</summary>
    public void Taken(long count) => _taken.AddUnsynchronized(count);

    /// <summary>Makes the writer wait until it may have written this many messages in total.</summary>
    public void WaitForRoom(long written)
    {
        while (written - _taken.Value > HandoffWorkload.Window)
        {
            Thread.SpinWait(Backoff);
        }
    }
}
