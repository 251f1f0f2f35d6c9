using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>The work of `append` and `read` in a round, passed to every contender and to the C++ program alike.</summary>
internal sealed record LogWorkload(RunSize Size)
{
    public const int PayloadBytes = 64;

    public const int BatchMessages = 1024;

    /// <summary>The default segment size of a queue, in bytes.</summary>
    public long SegmentBytes => Size.Of(64L << 20, 1L << 20);

    /// <summary>Segments in use before the oldest is recycled.</summary>
    public int RetainedSegments => 4;

    /// <summary>Messages appended in a round of `append`: several times the capacity of the retained segments.</summary>
    public long AppendedMessages => Size.Of(20_000_000, 50_000);

    /// <summary>Messages appended in a round of `append-shared` by all writers together.</summary>
    public long SharedMessages => Size.Of(10_000_000, 50_000);

    /// <summary>Messages appended in a round of `append-fresh`, each timed: eight segments.</summary>
    public long FreshMessages => Size.Of(6_000_000, 20_000);

    /// <summary>Time from the start of one message of `append-fresh` to the start of the next: ten million a second.</summary>
    public const long FreshIntervalNanos = 100;

    /// <summary>Messages in the log that `read` reads.</summary>
    public long StoredMessages => Size.Of(4_000_000, 20_000);

    /// <summary>Passes over that log in a round of `read`.</summary>
    public long Passes => Size.Of(5, 2);

    /// <summary>Messages read in a round of `read`.</summary>
    public long ReadMessages => StoredMessages * Passes;

    public string AppendArguments => $"{RingArguments} --messages {AppendedMessages}";

    public string SharedArguments(int writers) => $"{RingArguments} --messages {SharedMessages} --writers {writers}";

    public string FreshArguments => $"--segment-bytes {SegmentBytes} --messages {FreshMessages} --interval-ns {FreshIntervalNanos}";

    public string ReadArguments => $"--segment-bytes {SegmentBytes} --messages {StoredMessages} --passes {Passes}";

    private string RingArguments => $"--segment-bytes {SegmentBytes} --segments {RetainedSegments}";
}
