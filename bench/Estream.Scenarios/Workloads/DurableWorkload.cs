using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>The work of `append-durable` in a round, passed to every contender and to the C++ program alike.</summary>
internal sealed record DurableWorkload(RunSize Size)
{
    /// <summary>Bytes that are collected before a flush to the disk.</summary>
    public const long GroupBytes = 1L << 20;

    /// <summary>The maximum time that a message waits for others.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1);

    /// <summary>Messages in a round.</summary>
    public long Messages => Size.Of(2_000_000, 20_000);

    /// <summary>The size of the C++ floor's file, whose blocks are overwritten again and again.</summary>
    public long FileBytes => Size.Of(256L << 20, 4L << 20);

    public string NativeArguments => $"--messages {Messages} --group-bytes {GroupBytes} --file-bytes {FileBytes}";
}
