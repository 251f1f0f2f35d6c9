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

    internal static long ReadUtcNanos() => (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) * 100;
}
