using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>The work of `socket-receive` in a round, passed to every contender and to the C++ program alike: messages of 100 bytes, each
/// burst on the next of ten TCP connections.</summary>
/// <param name="Size">The size of the run.</param>
/// <param name="Burst">The messages of one write.</param>
/// <param name="IntervalNanos">The time between two writes; 1 for no pause.</param>
internal sealed record SocketWorkload(RunSize Size, int Burst, long IntervalNanos)
{
    public const int Connections = 10;

    public const int MessageBytes = 100;

    /// <summary>Messages of a round.</summary>
    public long Messages => Burst == 1 ? Size.Of(2_000, 100) : Size.Of(125_000, 500) * Burst;

    public string NativeArguments => $"--messages {Messages} --burst {Burst} --interval-ns {IntervalNanos}";
}
