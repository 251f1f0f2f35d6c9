using System.Diagnostics;
using System.Runtime.CompilerServices;
using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>The machine's clock.</summary>
public sealed class SystemClock : IClock
{
    private readonly CoarseTicker _ticker = new();

    private SystemClock()
    {
    }

    /// <summary>The only instance.</summary>
    public static SystemClock Instance { get; } = new();

    /// <inheritdoc/>
    public long UtcNanos => ReadUtcNanos();

    /// <inheritdoc/>
    public long CoarseUtcNanos
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _ticker.Now;
    }

    /// <inheritdoc/>
    public long MonotonicNanos => (long)(Stopwatch.GetTimestamp() * (1_000_000_000.0 / Stopwatch.Frequency));

    /// <inheritdoc/>
    public unsafe long ElapsedNanos
    {
        get
        {
            const long NanosPerSecond = 1_000_000_000;

            // SAFETY: clock_gettime writes two 8-byte fields (struct timespec of a 64-bit system) to memory of this frame.
            long* time = stackalloc long[2];
            return OperatingSystem.IsLinux() && NativeMethods.ReadClock(NativeMethods.ClockBootTime, time) == 0
                ? (time[0] * NanosPerSecond) + time[1]
                : MonotonicNanos;
        }
    }

    internal static long ReadUtcNanos() => (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) * 100;
}
