using Estream.Core;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>What the hand-off scenarios do in a round, handed to every contender and to the C++ program alike.</summary>
internal sealed record HandoffWorkload(RunSize Size)
{
    /// <summary>Messages the writer may be ahead of the reader: some 20 MB, with which the floor is at its best.</summary>
    public const int Window = 262_144;

    /// <summary>Messages that become visible together in the coarse mode.</summary>
    public const int CoarseMessages = 1024;

    /// <summary>Messages after which a writer looks how far the reader is, and a reader says it.</summary>
    public const int RoomCheckMessages = 1024;

    /// <summary>
    /// The argument of <see cref="Thread.SpinWait"/> after a look that found nothing, some eight microseconds: looking again at once takes
    /// the line away from its writer, and a reader that comes back too soon walks behind it line by line.
    /// </summary>
    public const int Backoff = 256;

    /// <summary>The same as pause instructions, of which the runtime makes about four of one.</summary>
    private const int NativeBackoff = 1024;

    /// <summary>Time between two messages of `handoff-latency`: two hundred thousand a second.</summary>
    public const long IntervalNanos = 5_000;

    /// <summary>Messages handed over in a round of `handoff-throughput`.</summary>
    public long Messages => Size.Of(8_000_000, 20_000);

    /// <summary>Messages handed over in a round of `handoff-latency`, each timed.</summary>
    public long TimedMessages => Size.Of(30_000, 500);

    public string ThroughputArguments(int batch) => $"--messages {Messages} --batch {batch} --window {Window} --backoff {NativeBackoff}";

    public string LatencyArguments => $"--messages {TimedMessages} --interval-ns {IntervalNanos} --window {Window}";

    public string QueueArguments(int portion) => $"--messages {Messages / portion} --window {Window}";
}

/// <summary>How far the reader of a hand-off is, by which its writer keeps within a window, as a program does that bounds its
/// memory.</summary>
internal sealed class Window
{
    private const int Backoff = 16;

    private readonly PaddedCounter _taken = new();

    /// <summary>The reader says how many more messages it has taken.</summary>
    public void Taken(long count) => _taken.AddUnsynchronized(count);

    /// <summary>The writer waits until it may have written so many, in all.</summary>
    public void WaitForRoom(long written)
    {
        while (written - _taken.Value > HandoffWorkload.Window)
        {
            Thread.SpinWait(Backoff);
        }
    }
}
