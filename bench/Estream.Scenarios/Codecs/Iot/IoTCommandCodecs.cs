using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Iot;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Iot;

/// <summary>The fields of one IoTCommand.</summary>
internal sealed record IoTCommandRecord
{
    public byte[] CommandId { get; init; } = [];
    public Text DeviceId { get; init; }
    public Text CommandType { get; init; }
    public byte[] Payload { get; init; } = [];
    public long IssuedAt { get; init; }
    public byte[] IssuedBy { get; init; } = [];
    public long? ExpiresAt { get; init; }
    public byte[] Signature { get; init; } = [];

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static IoTCommandRecord[] All { get; } = [.. Enumerable.Range(0, 8).Select(Create)];

    private static IoTCommandRecord Create(int index) => new()
    {
        CommandId = Sample.Bytes(32, index),
        DeviceId = Text.Of($"valve-{index:000000}"),
        CommandType = Text.Of(index % 2 == 0 ? "valve.open" : "valve.close"),
        Payload = Sample.Bytes(24 + index, index + 1_000),
        IssuedAt = Sample.FirstTimestamp + index,
        IssuedBy = Sample.Bytes(32, index + 2_000),
        ExpiresAt = index % 4 == 3 ? null : Sample.FirstTimestamp + 60_000_000_000 + index,
        Signature = Sample.Bytes(4627, index + 3_000),
    };
}

/// <summary>Encodes and decodes IoTCommand with its generated writer and view.</summary>
internal readonly struct IoTCommandEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        IoTCommandRecord record = IoTCommandRecord.All[index];
        IoTCommand.Writer writer = IoTCommand.Write(destination);
        writer.CommandId = record.CommandId;
        writer.DeviceId = record.DeviceId.Utf8;
        writer.CommandType = record.CommandType.Utf8;
        writer.Payload = record.Payload;
        writer.IssuedAt = record.IssuedAt;
        writer.IssuedBy = record.IssuedBy;
        if (record.ExpiresAt is { } expiresAt)
        {
            writer.ExpiresAt = expiresAt;
        }

        writer.Signature = record.Signature;
        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        IoTCommand.View view = IoTCommand.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.CommandId);
        sum += Digests.Of(view.DeviceId);
        sum += Digests.Of(view.CommandType);
        sum += Digests.Of(view.Payload);
        sum += (ulong)view.IssuedAt;
        if (view.IssuedBy.TryGet(out ReadOnlySpan<byte> issuedBy))
        {
            sum += Digests.Of(issuedBy);
        }

        sum += (ulong)view.ExpiresAt.GetValueOrDefault();
        sum += Digests.Of(view.Signature);
        return sum;
    }
}

/// <summary>Encodes and decodes IoTCommand with hand-written code.</summary>
internal readonly struct IoTCommandByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        IoTCommandRecord record = IoTCommandRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 81);
        at += 81;
        uint has = 0;
        record.CommandId.CopyTo(block[1..]);
        at = ByHand.Put8(destination, at, record.DeviceId.Utf8);
        at = ByHand.Put8(destination, at, record.CommandType.Utf8);
        at = ByHand.Put32(destination, at, record.Payload);
        BinaryPrimitives.WriteInt64LittleEndian(block[33..], record.IssuedAt);
        record.IssuedBy.CopyTo(block[41..]);
        BinaryPrimitives.WriteInt64LittleEndian(block[73..], ByHand.Value(record.ExpiresAt, ref has, 0x1));
        at = ByHand.Put16(destination, at, record.Signature);
        block[0] = (byte)has;
        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 81);
        uint has = block[0];
        ulong sum = 0;
        sum += Digests.Of(block.Slice(1, 32));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take32(message, ref at));
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[33..]);
        sum += Digests.Of(block.Slice(41, 32));
        sum += (has & 0x1) != 0 ? (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[73..]) : 0UL;
        sum += Digests.Of(ByHand.Take16(message, ref at));
        return sum;
    }
}
