using System.Runtime.CompilerServices;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Peers;

/// <summary>A message of the size of the workload, by value, as words.</summary>
[InlineArray(LogWorkload.PayloadBytes / sizeof(ulong))]
internal struct ChannelMessage
{
    /// <summary>The index of the last word.</summary>
    public const int Last = (LogWorkload.PayloadBytes / sizeof(ulong)) - 1;

    private ulong _word;
}
