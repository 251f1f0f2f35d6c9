using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Scenarios.Workloads;
using Estream.Trading;

namespace Estream.Scenarios.Codecs.Trading;

/// <summary>The fields of one EStreamQuote.</summary>
internal sealed record EStreamQuoteRecord
{
    public Text Instrument { get; init; }
    public ulong BidPrice { get; init; }
    public ulong BidQuantity { get; init; }
    public ulong AskPrice { get; init; }
    public ulong AskQuantity { get; init; }
    public long Timestamp { get; init; }
    public Text Source { get; init; }

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static EStreamQuoteRecord[] All { get; } = [.. Enumerable.Range(0, 64).Select(Create)];

    private static EStreamQuoteRecord Create(int index) => new()
    {
        Instrument = Text.Of(Sample.Instrument(index)),
        BidPrice = 108_250_000UL + (ulong)index,
        BidQuantity = 1_000_000UL,
        AskPrice = 108_260_000UL + (ulong)index,
        AskQuantity = 2_000_000UL,
        Timestamp = Sample.FirstTimestamp + index,
        Source = Text.Of(index % 2 == 0 ? "XSWX" : "XLON"),
    };
}

/// <summary>Encodes and decodes EStreamQuote with its generated writer and view.</summary>
internal readonly struct EStreamQuoteEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        EStreamQuoteRecord record = EStreamQuoteRecord.All[index];
        EStreamQuote.Writer writer = EStreamQuote.Write(destination);
        writer.Instrument = record.Instrument.Utf8;
        writer.BidPrice = record.BidPrice;
        writer.BidQuantity = record.BidQuantity;
        writer.AskPrice = record.AskPrice;
        writer.AskQuantity = record.AskQuantity;
        writer.Timestamp = record.Timestamp;
        writer.Source = record.Source.Utf8;
        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        EStreamQuote.View view = EStreamQuote.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.Instrument);
        sum += view.BidPrice;
        sum += view.BidQuantity;
        sum += view.AskPrice;
        sum += view.AskQuantity;
        sum += (ulong)view.Timestamp;
        sum += Digests.Of(view.Source);
        return sum;
    }
}

/// <summary>Encodes and decodes EStreamQuote with hand-written code.</summary>
internal readonly struct EStreamQuoteByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        EStreamQuoteRecord record = EStreamQuoteRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 40);
        at += 40;
        at = ByHand.Put8(destination, at, record.Instrument.Utf8);
        BinaryPrimitives.WriteUInt64LittleEndian(block, record.BidPrice);
        BinaryPrimitives.WriteUInt64LittleEndian(block[8..], record.BidQuantity);
        BinaryPrimitives.WriteUInt64LittleEndian(block[16..], record.AskPrice);
        BinaryPrimitives.WriteUInt64LittleEndian(block[24..], record.AskQuantity);
        BinaryPrimitives.WriteInt64LittleEndian(block[32..], record.Timestamp);
        at = ByHand.Put8(destination, at, record.Source.Utf8);
        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 40);
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += BinaryPrimitives.ReadUInt64LittleEndian(block);
        sum += BinaryPrimitives.ReadUInt64LittleEndian(block[8..]);
        sum += BinaryPrimitives.ReadUInt64LittleEndian(block[16..]);
        sum += BinaryPrimitives.ReadUInt64LittleEndian(block[24..]);
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[32..]);
        sum += Digests.Of(ByHand.Take8(message, ref at));
        return sum;
    }
}
