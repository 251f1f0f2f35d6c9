using System.Diagnostics;

namespace Estream.Replication.Tests.Faults;

/// <summary>The time limit of a round of faults, which all waits of the round share. Long enough for a loaded machine.</summary>
internal sealed class RoundLimit
{
    public static readonly TimeSpan Whole = TimeSpan.FromMinutes(6);

    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>The remaining time; zero after the limit.</summary>
    public TimeSpan Left => TimeSpan.FromTicks(Math.Max(0, (Whole - Stopwatch.GetElapsedTime(_start)).Ticks));
}
