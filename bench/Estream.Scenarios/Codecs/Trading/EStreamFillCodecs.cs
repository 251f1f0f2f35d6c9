using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Scenarios.Workloads;
using Estream.Trading;

namespace Estream.Scenarios.Codecs.Trading;

/// <summary>The fields of one EStreamFill.</summary>
internal sealed record EStreamFillRecord
{
    public byte[] FillId { get; init; } = [];
    public byte[] OrderId { get; init; } = [];
    public Text Instrument { get; init; }
    public OrderSide Side { get; init; }
    public ulong Quantity { get; init; }
    public ulong Price { get; init; }
    public ulong Fee { get; init; }
    public long ExecutedAt { get; init; }
    public Text Venue { get; init; }

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static EStreamFillRecord[] All { get; } = [.. Enumerable.Range(0, 64).Select(Create)];

    private static EStreamFillRecord Create(int index) => new()
    {
        FillId = Sample.Bytes(32, index),
        OrderId = Sample.Bytes(32, index + 1_000),
        Instrument = Text.Of(Sample.Instrument(index)),
        Side = (OrderSide)(index % 2),
        Quantity = 1_000UL * (ulong)(index + 1),
        Price = 108_250_000UL + (ulong)index,
        Fee = 25UL + (ulong)index,
        ExecutedAt = Sample.FirstTimestamp + index,
        Venue = index % 4 == 3 ? default : Text.Of("XSWX"),
    };
}

/// <summary>Encodes and decodes EStreamFill with its generated writer and view.</summary>
internal readonly struct EStreamFillEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        EStreamFillRecord record = EStreamFillRecord.All[index];
        EStreamFill.Writer writer = EStreamFill.Write(destination);
        writer.FillId = record.FillId;
        writer.OrderId = record.OrderId;
        writer.Instrument = record.Instrument.Utf8;
        writer.Side = record.Side;
        writer.Quantity = record.Quantity;
        writer.Price = record.Price;
        writer.Fee = record.Fee;
        writer.ExecutedAt = record.ExecutedAt;
        if (record.Venue.IsThere)
        {
            writer.Venue = record.Venue.Utf8;
        }

        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        EStreamFill.View view = EStreamFill.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.FillId);
        sum += Digests.Of(view.OrderId);
        sum += Digests.Of(view.Instrument);
        sum += (ulong)view.Side;
        sum += view.Quantity;
        sum += view.Price;
        sum += view.Fee;
        sum += (ulong)view.ExecutedAt;
        sum += Digests.Of(view.Venue);
        return sum;
    }
}

/// <summary>Encodes and decodes EStreamFill with hand-written code.</summary>
internal readonly struct EStreamFillByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        EStreamFillRecord record = EStreamFillRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 98);
        at += 98;
        uint has = 0;
        record.FillId.CopyTo(block[1..]);
        record.OrderId.CopyTo(block[33..]);
        at = ByHand.Put8(destination, at, record.Instrument.Utf8);
        block[65] = (byte)record.Side;
        BinaryPrimitives.WriteUInt64LittleEndian(block[66..], record.Quantity);
        BinaryPrimitives.WriteUInt64LittleEndian(block[74..], record.Price);
        BinaryPrimitives.WriteUInt64LittleEndian(block[82..], record.Fee);
        BinaryPrimitives.WriteInt64LittleEndian(block[90..], record.ExecutedAt);
        at = ByHand.Put8(destination, at, record.Venue.Utf8, ref has, 0x1);
        block[0] = (byte)has;
        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 98);
        uint has = block[0];
        ulong sum = 0;
        sum += Digests.Of(block.Slice(1, 32));
        sum += Digests.Of(block.Slice(33, 32));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += block[65];
        sum += BinaryPrimitives.ReadUInt64LittleEndian(block[66..]);
        sum += BinaryPrimitives.ReadUInt64LittleEndian(block[74..]);
        sum += BinaryPrimitives.ReadUInt64LittleEndian(block[82..]);
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[90..]);
        sum += (has & 0x1) != 0 ? Digests.Of(ByHand.Take8(message, ref at)) : 0UL;
        return sum;
    }
}
