using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Iot;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Iot;

/// <summary>The fields of one IoTAlert.</summary>
internal sealed record IoTAlertRecord
{
    public byte[] AlertId { get; init; } = [];
    public Text DeviceId { get; init; }
    public AlertSeverity Severity { get; init; }
    public Text Message { get; init; }
    public long TriggeredAt { get; init; }
    public long? AcknowledgedAt { get; init; }
    public long? ResolvedAt { get; init; }
    public double? TriggerValue { get; init; }
    public double? Threshold { get; init; }

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static IoTAlertRecord[] All { get; } = [.. Enumerable.Range(0, 64).Select(Create)];

    private static IoTAlertRecord Create(int index) => new()
    {
        AlertId = Sample.Bytes(32, index),
        DeviceId = Text.Of($"pump-{index:000000}"),
        Severity = (AlertSeverity)(index % 4),
        Message = Text.Of($"vibration of bearing {index % 7} above its limit since {index} s"),
        TriggeredAt = Sample.FirstTimestamp + index,
        AcknowledgedAt = index % 4 == 0 ? null : Sample.FirstTimestamp + 1_000 + index,
        ResolvedAt = index % 2 == 0 ? null : Sample.FirstTimestamp + 2_000 + index,
        TriggerValue = 7.25 + index,
        Threshold = 7.0,
    };
}

/// <summary>Encodes and decodes IoTAlert with its generated writer and view.</summary>
internal readonly struct IoTAlertEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        IoTAlertRecord record = IoTAlertRecord.All[index];
        IoTAlert.Writer writer = IoTAlert.Write(destination);
        writer.AlertId = record.AlertId;
        writer.DeviceId = record.DeviceId.Utf8;
        writer.Severity = record.Severity;
        writer.Message = record.Message.Utf8;
        writer.TriggeredAt = record.TriggeredAt;
        if (record.AcknowledgedAt is { } acknowledgedAt)
        {
            writer.AcknowledgedAt = acknowledgedAt;
        }

        if (record.ResolvedAt is { } resolvedAt)
        {
            writer.ResolvedAt = resolvedAt;
        }

        if (record.TriggerValue is { } triggerValue)
        {
            writer.TriggerValue = triggerValue;
        }

        if (record.Threshold is { } threshold)
        {
            writer.Threshold = threshold;
        }

        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        IoTAlert.View view = IoTAlert.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.AlertId);
        sum += Digests.Of(view.DeviceId);
        sum += (ulong)view.Severity;
        sum += Digests.Of(view.Message);
        sum += (ulong)view.TriggeredAt;
        sum += (ulong)view.AcknowledgedAt.GetValueOrDefault();
        sum += (ulong)view.ResolvedAt.GetValueOrDefault();
        sum += BitConverter.DoubleToUInt64Bits(view.TriggerValue.GetValueOrDefault());
        sum += BitConverter.DoubleToUInt64Bits(view.Threshold.GetValueOrDefault());
        return sum;
    }
}

/// <summary>Encodes and decodes IoTAlert with hand-written code.</summary>
internal readonly struct IoTAlertByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        IoTAlertRecord record = IoTAlertRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 74);
        at += 74;
        uint has = 0;
        record.AlertId.CopyTo(block[1..]);
        at = ByHand.Put8(destination, at, record.DeviceId.Utf8);
        block[33] = (byte)record.Severity;
        at = ByHand.Put32(destination, at, record.Message.Utf8);
        BinaryPrimitives.WriteInt64LittleEndian(block[34..], record.TriggeredAt);
        BinaryPrimitives.WriteInt64LittleEndian(block[42..], ByHand.Value(record.AcknowledgedAt, ref has, 0x1));
        BinaryPrimitives.WriteInt64LittleEndian(block[50..], ByHand.Value(record.ResolvedAt, ref has, 0x2));
        BinaryPrimitives.WriteDoubleLittleEndian(block[58..], ByHand.Value(record.TriggerValue, ref has, 0x4));
        BinaryPrimitives.WriteDoubleLittleEndian(block[66..], ByHand.Value(record.Threshold, ref has, 0x8));
        block[0] = (byte)has;
        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 74);
        uint has = block[0];
        ulong sum = 0;
        sum += Digests.Of(block.Slice(1, 32));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += block[33];
        sum += Digests.Of(ByHand.Take32(message, ref at));
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[34..]);
        sum += (has & 0x1) != 0 ? (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[42..]) : 0UL;
        sum += (has & 0x2) != 0 ? (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[50..]) : 0UL;
        sum += (has & 0x4) != 0 ? BitConverter.DoubleToUInt64Bits(BinaryPrimitives.ReadDoubleLittleEndian(block[58..])) : 0UL;
        sum += (has & 0x8) != 0 ? BitConverter.DoubleToUInt64Bits(BinaryPrimitives.ReadDoubleLittleEndian(block[66..])) : 0UL;
        return sum;
    }
}
