using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Scenarios.Workloads;
using Estream.Trading;

namespace Estream.Scenarios.Codecs.Trading;

/// <summary>The fields of one EStreamMarketData.</summary>
internal sealed record EStreamMarketDataRecord
{
    public Text Instrument { get; init; }
    public MarketDataInterval Interval { get; init; }
    public ulong Open { get; init; }
    public ulong High { get; init; }
    public ulong Low { get; init; }
    public ulong Close { get; init; }
    public ulong Volume { get; init; }
    public long Timestamp { get; init; }

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static EStreamMarketDataRecord[] All { get; } = [.. Enumerable.Range(0, 64).Select(Create)];

    private static EStreamMarketDataRecord Create(int index) => new()
    {
        Instrument = Text.Of(Sample.Instrument(index)),
        Interval = (MarketDataInterval)(index % 7),
        Open = 108_250_000UL + (ulong)index,
        High = 108_350_000UL + (ulong)index,
        Low = 108_150_000UL + (ulong)index,
        Close = 108_300_000UL + (ulong)index,
        Volume = 5_000_000UL * (ulong)(index + 1),
        Timestamp = Sample.FirstTimestamp + index,
    };
}

/// <summary>Encodes and decodes EStreamMarketData with its generated writer and view.</summary>
internal readonly struct EStreamMarketDataEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        EStreamMarketDataRecord record = EStreamMarketDataRecord.All[index];
        EStreamMarketData.Writer writer = EStreamMarketData.Write(destination);
        writer.Instrument = record.Instrument.Utf8;
        writer.Interval = record.Interval;
        writer.Open = record.Open;
        writer.High = record.High;
        writer.Low = record.Low;
        writer.Close = record.Close;
        writer.Volume = record.Volume;
        writer.Timestamp = record.Timestamp;
        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        EStreamMarketData.View view = EStreamMarketData.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.Instrument);
        sum += (ulong)view.Interval;
        sum += view.Open;
        sum += view.High;
        sum += view.Low;
        sum += view.Close;
        sum += view.Volume;
        sum += (ulong)view.Timestamp;
        return sum;
    }
}

/// <summary>Encodes and decodes EStreamMarketData with hand-written code.</summary>
internal readonly struct EStreamMarketDataByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        EStreamMarketDataRecord record = EStreamMarketDataRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 49);
        at += 49;
        at = ByHand.Put8(destination, at, record.Instrument.Utf8);
        block[0] = (byte)record.Interval;
        BinaryPrimitives.WriteUInt64LittleEndian(block[1..], record.Open);
        BinaryPrimitives.WriteUInt64LittleEndian(block[9..], record.High);
        BinaryPrimitives.WriteUInt64LittleEndian(block[17..], record.Low);
        BinaryPrimitives.WriteUInt64LittleEndian(block[25..], record.Close);
        BinaryPrimitives.WriteUInt64LittleEndian(block[33..], record.Volume);
        BinaryPrimitives.WriteInt64LittleEndian(block[41..], record.Timestamp);
        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 49);
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += block[0];
        sum += BinaryPrimitives.ReadUInt64LittleEndian(block[1..]);
        sum += BinaryPrimitives.ReadUInt64LittleEndian(block[9..]);
        sum += BinaryPrimitives.ReadUInt64LittleEndian(block[17..]);
        sum += BinaryPrimitives.ReadUInt64LittleEndian(block[25..]);
        sum += BinaryPrimitives.ReadUInt64LittleEndian(block[33..]);
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[41..]);
        return sum;
    }
}
