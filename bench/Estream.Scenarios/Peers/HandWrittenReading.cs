using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Estream.Scenarios.Peers;

/// <summary>
/// A codec written by hand for exactly the six fields of a reading, and the reference of the ESF ratios: presence bits, fixed fields at
/// fixed offsets, then three texts, each with a length byte. It validates nothing (no schema id, no length limits) and has no versions;
/// ordinary spans keep their bounds checks.
/// </summary>
/// <remarks>
/// presence u8 (bit 0 unit, bit 1 quality) | timestamp i64 | value f64 | quality u8 | device_id | metric_name | unit
/// </remarks>
internal static class HandWrittenReading
{
    private const byte HasUnit = 1;
    private const byte HasQuality = 2;
    private const int TimestampOffset = 1;
    private const int ValueOffset = 9;
    private const int QualityOffset = 17;
    private const int TextsOffset = 18;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Encode(
        Span<byte> destination,
        ReadOnlySpan<byte> deviceId,
        long timestamp,
        ReadOnlySpan<byte> metricName,
        double value,
        ReadOnlySpan<byte> unit,
        byte quality)
    {
        destination[0] = HasUnit | HasQuality;
        BinaryPrimitives.WriteInt64LittleEndian(destination[TimestampOffset..], timestamp);
        BinaryPrimitives.WriteDoubleLittleEndian(destination[ValueOffset..], value);
        destination[QualityOffset] = quality;
        int end = TextsOffset;
        end = WriteText(destination, end, deviceId);
        end = WriteText(destination, end, metricName);
        return WriteText(destination, end, unit);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int WriteText(Span<byte> destination, int offset, ReadOnlySpan<byte> text)
    {
        destination[offset] = (byte)text.Length;
        text.CopyTo(destination[(offset + 1)..]);
        return offset + 1 + text.Length;
    }

    /// <summary>The decoded reading: fixed fields are read in place, texts are spans of the message.</summary>
    internal readonly ref struct View
    {
        private readonly ReadOnlySpan<byte> _message;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public View(ReadOnlySpan<byte> message)
        {
            _message = message;
            DeviceId = Text(TextsOffset);
            int metricOffset = TextsOffset + 1 + DeviceId.Length;
            MetricName = Text(metricOffset);
            Unit = (message[0] & HasUnit) != 0 ? Text(metricOffset + 1 + MetricName.Length) : default;
        }

        public ReadOnlySpan<byte> DeviceId { get; }

        public ReadOnlySpan<byte> MetricName { get; }

        public ReadOnlySpan<byte> Unit { get; }

        public long Timestamp => BinaryPrimitives.ReadInt64LittleEndian(_message[TimestampOffset..]);

        public double Value => BinaryPrimitives.ReadDoubleLittleEndian(_message[ValueOffset..]);

        public byte Quality => (_message[0] & HasQuality) != 0 ? _message[QualityOffset] : (byte)0;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private ReadOnlySpan<byte> Text(int offset) => _message.Slice(offset + 1, _message[offset]);
    }
}
