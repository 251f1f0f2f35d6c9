using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>What `append-durable` does in a round, handed to every contender and to the C++ program alike.</summary>
internal sealed record DurableWorkload(RunSize Size)
{
    /// <summary>Bytes that are gathered before the disk is asked to keep them.</summary>
    public const long GroupBytes = 1L << 20;

    /// <summary>How long a message waits for others at the most.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1);

    /// <summary>Messages in a round.</summary>
    public long Messages => Size.Of(2_000_000, 20_000);

    /// <summary>The file of the C++ floor, whose blocks are written over and over.</summary>
    public long FileBytes => Size.Of(256L << 20, 4L << 20);

    public string NativeArguments => $"--messages {Messages} --group-bytes {GroupBytes} --file-bytes {FileBytes}";
}
