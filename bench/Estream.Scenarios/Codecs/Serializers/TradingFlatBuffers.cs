using System.Runtime.CompilerServices;
using Estream.Scenarios.Codecs.Trading;
using Google.FlatBuffers;

namespace Estream.Scenarios.Codecs.Serializers;

/// <summary>Encodes and decodes EStreamOrder with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct EStreamOrderFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        EStreamOrderRecord record = EStreamOrderRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int orderId = FlatTable.Put(builder, record.OrderId, sizeof(byte));
        int clientOrderId = FlatTable.Put(builder, record.ClientOrderId);
        int instrument = FlatTable.Put(builder, record.Instrument);
        int submitter = FlatTable.Put(builder, record.Submitter, sizeof(byte));
        builder.StartTable(10);
        builder.AddLong(8, record.SubmittedAt, 0);
        builder.AddUlong(6, record.Price.GetValueOrDefault(), 0);
        builder.AddUlong(5, record.Quantity, 0);
        builder.AddOffset(9, submitter, 0);
        builder.AddOffset(2, instrument, 0);
        builder.AddOffset(1, clientOrderId, 0);
        builder.AddOffset(0, orderId, 0);
        builder.AddByte(7, (byte)record.TimeInForce, 0);
        builder.AddByte(4, (byte)record.OrderType, 0);
        builder.AddByte(3, (byte)record.Side, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.DigestOf(table, 2)
            + FlatTable.Byte(table, 3)
            + FlatTable.Byte(table, 4)
            + FlatTable.ULong(table, 5)
            + FlatTable.ULong(table, 6)
            + FlatTable.Byte(table, 7)
            + FlatTable.ULong(table, 8)
            + FlatTable.DigestOf(table, 9);
    }
}

/// <summary>Encodes and decodes EStreamFill with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct EStreamFillFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        EStreamFillRecord record = EStreamFillRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int fillId = FlatTable.Put(builder, record.FillId, sizeof(byte));
        int orderId = FlatTable.Put(builder, record.OrderId, sizeof(byte));
        int instrument = FlatTable.Put(builder, record.Instrument);
        int venue = FlatTable.Put(builder, record.Venue);
        builder.StartTable(9);
        builder.AddLong(7, record.ExecutedAt, 0);
        builder.AddUlong(6, record.Fee, 0);
        builder.AddUlong(5, record.Price, 0);
        builder.AddUlong(4, record.Quantity, 0);
        builder.AddOffset(8, venue, 0);
        builder.AddOffset(2, instrument, 0);
        builder.AddOffset(1, orderId, 0);
        builder.AddOffset(0, fillId, 0);
        builder.AddByte(3, (byte)record.Side, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.DigestOf(table, 2)
            + FlatTable.Byte(table, 3)
            + FlatTable.ULong(table, 4)
            + FlatTable.ULong(table, 5)
            + FlatTable.ULong(table, 6)
            + FlatTable.ULong(table, 7)
            + FlatTable.DigestOf(table, 8);
    }
}

/// <summary>Encodes and decodes EStreamQuote with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct EStreamQuoteFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        EStreamQuoteRecord record = EStreamQuoteRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int instrument = FlatTable.Put(builder, record.Instrument);
        int source = FlatTable.Put(builder, record.Source);
        builder.StartTable(7);
        builder.AddLong(5, record.Timestamp, 0);
        builder.AddUlong(4, record.AskQuantity, 0);
        builder.AddUlong(3, record.AskPrice, 0);
        builder.AddUlong(2, record.BidQuantity, 0);
        builder.AddUlong(1, record.BidPrice, 0);
        builder.AddOffset(6, source, 0);
        builder.AddOffset(0, instrument, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.ULong(table, 1)
            + FlatTable.ULong(table, 2)
            + FlatTable.ULong(table, 3)
            + FlatTable.ULong(table, 4)
            + FlatTable.ULong(table, 5)
            + FlatTable.DigestOf(table, 6);
    }
}

/// <summary>Encodes and decodes EStreamMarketData with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct EStreamMarketDataFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        EStreamMarketDataRecord record = EStreamMarketDataRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int instrument = FlatTable.Put(builder, record.Instrument);
        builder.StartTable(8);
        builder.AddLong(7, record.Timestamp, 0);
        builder.AddUlong(6, record.Volume, 0);
        builder.AddUlong(5, record.Close, 0);
        builder.AddUlong(4, record.Low, 0);
        builder.AddUlong(3, record.High, 0);
        builder.AddUlong(2, record.Open, 0);
        builder.AddOffset(0, instrument, 0);
        builder.AddByte(1, (byte)record.Interval, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.Byte(table, 1)
            + FlatTable.ULong(table, 2)
            + FlatTable.ULong(table, 3)
            + FlatTable.ULong(table, 4)
            + FlatTable.ULong(table, 5)
            + FlatTable.ULong(table, 6)
            + FlatTable.ULong(table, 7);
    }
}
