using System.Runtime.CompilerServices;

namespace Estream.Scenarios.Workloads;

/// <summary>The operations that consume a decoded message, the same for every codec.</summary>
internal static class Digests
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(
        ReadOnlySpan<byte> deviceId, long timestamp, ReadOnlySpan<byte> metricName, double value, ReadOnlySpan<byte> unit, byte quality)
    {
        return (ulong)timestamp + BitConverter.DoubleToUInt64Bits(value) + quality
            + Of(deviceId) + Of(metricName) + Of(unit);
    }

    /// <summary>Returns length plus last byte, which reveals a wrong span. An empty or absent value adds nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ReadOnlySpan<byte> text) => text.IsEmpty ? 0 : (ulong)text.Length + text[^1];

    /// <summary>Returns length plus last character of a string, which is ASCII here. An empty string adds nothing.</summary>
    public static ulong Of(string text) => text.Length == 0 ? 0 : (ulong)text.Length + text[^1];
}
