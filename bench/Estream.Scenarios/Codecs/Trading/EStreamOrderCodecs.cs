using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Scenarios.Workloads;
using Estream.Trading;

namespace Estream.Scenarios.Codecs.Trading;

/// <summary>The fields of one EStreamOrder.</summary>
internal sealed record EStreamOrderRecord
{
    public byte[] OrderId { get; init; } = [];
    public Text ClientOrderId { get; init; }
    public Text Instrument { get; init; }
    public OrderSide Side { get; init; }
    public OrderType OrderType { get; init; }
    public ulong Quantity { get; init; }
    public ulong? Price { get; init; }
    public TimeInForce TimeInForce { get; init; }
    public long SubmittedAt { get; init; }
    public byte[] Submitter { get; init; } = [];

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static EStreamOrderRecord[] All { get; } = [.. Enumerable.Range(0, 64).Select(Create)];

    private static EStreamOrderRecord Create(int index) => new()
    {
        OrderId = Sample.Bytes(32, index),
        ClientOrderId = Text.Of($"desk-4-{index:00000000}"),
        Instrument = Text.Of(Sample.Instrument(index)),
        Side = (OrderSide)(index % 2),
        OrderType = index % 4 == 0 ? OrderType.Market : OrderType.Limit,
        Quantity = 1_000UL * (ulong)(index + 1),
        Price = index % 4 == 0 ? null : 108_250_000UL + (ulong)index,
        TimeInForce = (TimeInForce)(index % 4),
        SubmittedAt = Sample.FirstTimestamp + index,
        Submitter = Sample.Bytes(32, index + 1_000),
    };
}

/// <summary>Encodes and decodes EStreamOrder with its generated writer and view.</summary>
internal readonly struct EStreamOrderEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        EStreamOrderRecord record = EStreamOrderRecord.All[index];
        EStreamOrder.Writer writer = EStreamOrder.Write(destination);
        writer.OrderId = record.OrderId;
        writer.ClientOrderId = record.ClientOrderId.Utf8;
        writer.Instrument = record.Instrument.Utf8;
        writer.Side = record.Side;
        writer.OrderType = record.OrderType;
        writer.Quantity = record.Quantity;
        if (record.Price is { } price)
        {
            writer.Price = price;
        }

        writer.TimeInForce = record.TimeInForce;
        writer.SubmittedAt = record.SubmittedAt;
        writer.Submitter = record.Submitter;
        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        EStreamOrder.View view = EStreamOrder.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.OrderId);
        sum += Digests.Of(view.ClientOrderId);
        sum += Digests.Of(view.Instrument);
        sum += (ulong)view.Side;
        sum += (ulong)view.OrderType;
        sum += view.Quantity;
        sum += view.Price.GetValueOrDefault();
        sum += (ulong)view.TimeInForce;
        sum += (ulong)view.SubmittedAt;
        if (view.Submitter.TryGet(out ReadOnlySpan<byte> submitter))
        {
            sum += Digests.Of(submitter);
        }

        return sum;
    }
}

/// <summary>Encodes and decodes EStreamOrder with hand-written code.</summary>
internal readonly struct EStreamOrderByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        EStreamOrderRecord record = EStreamOrderRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 92);
        at += 92;
        uint has = 0;
        record.OrderId.CopyTo(block[1..]);
        at = ByHand.Put8(destination, at, record.ClientOrderId.Utf8);
        at = ByHand.Put8(destination, at, record.Instrument.Utf8);
        block[33] = (byte)record.Side;
        block[34] = (byte)record.OrderType;
        BinaryPrimitives.WriteUInt64LittleEndian(block[35..], record.Quantity);
        BinaryPrimitives.WriteUInt64LittleEndian(block[43..], ByHand.Value(record.Price, ref has, 0x1));
        block[51] = (byte)record.TimeInForce;
        BinaryPrimitives.WriteInt64LittleEndian(block[52..], record.SubmittedAt);
        record.Submitter.CopyTo(block[60..]);
        block[0] = (byte)has;
        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 92);
        uint has = block[0];
        ulong sum = 0;
        sum += Digests.Of(block.Slice(1, 32));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += block[33];
        sum += block[34];
        sum += BinaryPrimitives.ReadUInt64LittleEndian(block[35..]);
        sum += (has & 0x1) != 0 ? BinaryPrimitives.ReadUInt64LittleEndian(block[43..]) : 0UL;
        sum += block[51];
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[52..]);
        sum += Digests.Of(block.Slice(60, 32));
        return sum;
    }
}
