using Estream.Esf;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Times as messages have them, in nanoseconds.</summary>
internal static class Nanos
{
    private const ulong NanosPerTick = 100;

    /// <summary>A time that is no shorter, as far as there are such long ones.</summary>
    public static TimeSpan ToTime(ulong nanos) =>
        TimeSpan.FromTicks(
            (long)Math.Min((nanos / NanosPerTick) + (nanos % NanosPerTick == 0 ? 0UL : 1UL), (ulong)TimeSpan.MaxValue.Ticks));

    /// <summary>Reads how long a request wants an entry to be there.</summary>
    /// <param name="field">The field, which may be absent.</param>
    /// <param name="request">The request.</param>
    /// <param name="time">The time; null where the entry stays.</param>
    /// <returns>False for no time at all.</returns>
    public static bool TryReadTimeToLive(EsfField field, ReadOnlySpan<byte> request, out TimeSpan? time)
    {
        bool isThere = field.TryGetUInt64(request, out ulong nanos);
        time = isThere ? ToTime(nanos) : null;
        return !isThere || nanos > 0;
    }
}
