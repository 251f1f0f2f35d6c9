using System.Diagnostics;

namespace Estream.Core;

/// <summary>
/// Identifies a process of this machine, also after its id was reused. Leases contain it. See <see cref="IStorage.IsAlive"/>.
/// </summary>
/// <param name="ProcessId">The process id in the namespace of the process.</param>
/// <param name="StartTicks">The start time in clock ticks of the kernel since the machine started (usually 10 ms each); 0 if unknown.
/// Comparable within one <see cref="IStorage.BootId"/> only.</param>
public readonly record struct ProcessIdentity(int ProcessId, long StartTicks)
{
    /// <summary>The start time of this process in nanoseconds since 1970-01-01 UTC, as written into files for display.</summary>
    public static long OwnStartUtcNanos { get; } = ReadOwnStart();

    private static long ReadOwnStart()
    {
        using Process self = Process.GetCurrentProcess();
        return (self.StartTime.ToUniversalTime().Ticks - DateTime.UnixEpoch.Ticks) * 100;
    }
}
