using System.Runtime.InteropServices;
using Estream.Scenarios.Peers.Packets;

namespace Estream.Scenarios.Harness;

/// <summary>The processor time of another process, in nanoseconds. Includes all threads, also ended ones, and kernel time.</summary>
internal sealed class ProcessClock(int processId)
{
    // A process clock id has the complement of the process id, and in the low bits this kind: scheduler time of all threads.
    private const int SchedulerTime = 2;
    private const int KindBits = 3;
    private const long NanosPerSecond = 1_000_000_000;

    private readonly int _clock = (~processId << KindBits) | SchedulerTime;

    /// <summary>Returns the processor time since the start of the process.</summary>
    public long ReadNanos() => NativeMethods.ReadClock(_clock, out Time time) == 0
        ? (time.Seconds * NanosPerSecond) + time.Nanos
        : throw new ScenarioException($"the processor time of process {processId} cannot be read; has it ended?");

    /// <summary>A time as the C library gives it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public readonly struct Time
    {
        public readonly long Seconds;
        public readonly long Nanos;
    }
}
