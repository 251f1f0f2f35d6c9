using System.Diagnostics;

namespace Estream.Core;

/// <summary>
/// A process of this machine, and no later one that got the same number: what a lease is signed with. Ask
/// <see cref="IStorage.IsAlive"/> whether it still runs.
/// </summary>
/// <param name="ProcessId">The process id, as the process itself sees it.</param>
/// <param name="StartTicks">When it started, in the kernel's clock ticks since the machine did (10 ms each, usually); 0 when not known.
/// Only comparable within one <see cref="IStorage.BootId"/>.</param>
public readonly record struct ProcessIdentity(int ProcessId, long StartTicks)
{
    /// <summary>When this process started, in nanoseconds since 1970-01-01 UTC, as it is written into files for people to read. Looked up
    /// once.</summary>
    public static long OwnStartUtcNanos { get; } = ReadOwnStart();

    private static long ReadOwnStart()
    {
        using Process self = Process.GetCurrentProcess();
        return (self.StartTime.ToUniversalTime().Ticks - DateTime.UnixEpoch.Ticks) * 100;
    }
}
