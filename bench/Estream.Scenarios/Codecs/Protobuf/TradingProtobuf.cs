using System.Runtime.CompilerServices;
using Estream.Scenarios.Codecs.Trading;
using Estream.Scenarios.Workloads;
using Pb = Estream.Scenarios.Protoc.Trading;

namespace Estream.Scenarios.Codecs.Protobuf;

/// <summary>Encodes and decodes EStreamOrder with the class that protoc generates.</summary>
internal readonly struct EStreamOrderProtobuf : ICodec
{
    private static readonly Pb.EStreamOrder s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        EStreamOrderRecord record = EStreamOrderRecord.All[index];
        Pb.EStreamOrder message = s_message;
        message.OrderId = Refill.Bytes(record.OrderId);
        message.ClientOrderId = record.ClientOrderId.Chars;
        message.Instrument = record.Instrument.Chars;
        message.Side = (uint)record.Side;
        message.OrderType = (uint)record.OrderType;
        message.Quantity = record.Quantity;
        message.Price = record.Price.GetValueOrDefault();
        message.TimeInForce = (uint)record.TimeInForce;
        message.SubmittedAt = record.SubmittedAt;
        message.Submitter = Refill.Bytes(record.Submitter);
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.EStreamOrder message = Pb.EStreamOrder.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.OrderId.Span);
        sum += Digests.Of(message.ClientOrderId);
        sum += Digests.Of(message.Instrument);
        sum += message.Side;
        sum += message.OrderType;
        sum += message.Quantity;
        sum += message.Price;
        sum += message.TimeInForce;
        sum += (ulong)message.SubmittedAt;
        sum += Digests.Of(message.Submitter.Span);
        return sum;
    }
}

/// <summary>Encodes and decodes EStreamFill with the class that protoc generates.</summary>
internal readonly struct EStreamFillProtobuf : ICodec
{
    private static readonly Pb.EStreamFill s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        EStreamFillRecord record = EStreamFillRecord.All[index];
        Pb.EStreamFill message = s_message;
        message.FillId = Refill.Bytes(record.FillId);
        message.OrderId = Refill.Bytes(record.OrderId);
        message.Instrument = record.Instrument.Chars;
        message.Side = (uint)record.Side;
        message.Quantity = record.Quantity;
        message.Price = record.Price;
        message.Fee = record.Fee;
        message.ExecutedAt = record.ExecutedAt;
        message.Venue = record.Venue.Chars;
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.EStreamFill message = Pb.EStreamFill.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.FillId.Span);
        sum += Digests.Of(message.OrderId.Span);
        sum += Digests.Of(message.Instrument);
        sum += message.Side;
        sum += message.Quantity;
        sum += message.Price;
        sum += message.Fee;
        sum += (ulong)message.ExecutedAt;
        sum += Digests.Of(message.Venue);
        return sum;
    }
}

/// <summary>Encodes and decodes EStreamQuote with the class that protoc generates.</summary>
internal readonly struct EStreamQuoteProtobuf : ICodec
{
    private static readonly Pb.EStreamQuote s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        EStreamQuoteRecord record = EStreamQuoteRecord.All[index];
        Pb.EStreamQuote message = s_message;
        message.Instrument = record.Instrument.Chars;
        message.BidPrice = record.BidPrice;
        message.BidQuantity = record.BidQuantity;
        message.AskPrice = record.AskPrice;
        message.AskQuantity = record.AskQuantity;
        message.Timestamp = record.Timestamp;
        message.Source = record.Source.Chars;
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.EStreamQuote message = Pb.EStreamQuote.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.Instrument);
        sum += message.BidPrice;
        sum += message.BidQuantity;
        sum += message.AskPrice;
        sum += message.AskQuantity;
        sum += (ulong)message.Timestamp;
        sum += Digests.Of(message.Source);
        return sum;
    }
}

/// <summary>Encodes and decodes EStreamMarketData with the class that protoc generates.</summary>
internal readonly struct EStreamMarketDataProtobuf : ICodec
{
    private static readonly Pb.EStreamMarketData s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        EStreamMarketDataRecord record = EStreamMarketDataRecord.All[index];
        Pb.EStreamMarketData message = s_message;
        message.Instrument = record.Instrument.Chars;
        message.Interval = (uint)record.Interval;
        message.Open = record.Open;
        message.High = record.High;
        message.Low = record.Low;
        message.Close = record.Close;
        message.Volume = record.Volume;
        message.Timestamp = record.Timestamp;
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.EStreamMarketData message = Pb.EStreamMarketData.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.Instrument);
        sum += message.Interval;
        sum += message.Open;
        sum += message.High;
        sum += message.Low;
        sum += message.Close;
        sum += message.Volume;
        sum += (ulong)message.Timestamp;
        return sum;
    }
}
