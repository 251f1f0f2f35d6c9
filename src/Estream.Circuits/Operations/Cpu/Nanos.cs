using Estream.Esf;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Converts times in messages, which are in nanoseconds.</summary>
internal static class Nanos
{
    private const ulong NanosPerTick = 100;

    /// <summary>Converts to a <see cref="TimeSpan"/>, rounding up; saturates at the maximum.</summary>
    public static TimeSpan ToTime(ulong nanos) =>
        TimeSpan.FromTicks(
            (long)Math.Min((nanos / NanosPerTick) + (nanos % NanosPerTick == 0 ? 0UL : 1UL), (ulong)TimeSpan.MaxValue.Ticks));

    /// <summary>Reads the time to live in a request.</summary>
    /// <param name="field">The field, which may be absent.</param>
    /// <param name="request">The request.</param>
    /// <param name="time">The time to live; null if the entry does not expire.</param>
    /// <returns>False if the time to live is zero.</returns>
    public static bool TryReadTimeToLive(EsfField field, ReadOnlySpan<byte> request, out TimeSpan? time)
    {
        bool isThere = field.TryGetUInt64(request, out ulong nanos);
        time = isThere ? ToTime(nanos) : null;
        return !isThere || nanos > 0;
    }
}
