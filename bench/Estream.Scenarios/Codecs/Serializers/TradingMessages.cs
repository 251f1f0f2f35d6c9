using Estream.Scenarios.Codecs.Trading;
using Estream.Scenarios.Workloads;
using MemoryPack;
using MessagePack;
using ProtoBuf;

namespace Estream.Scenarios.Codecs.Serializers;

/// <summary>An EStreamOrder for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class OrderMessage : IPeerMessage<OrderMessage>
{
    [Key(0), ProtoMember(1)] public byte[] OrderId { get; set; } = [];
    [Key(1), ProtoMember(2)] public string ClientOrderId { get; set; } = "";
    [Key(2), ProtoMember(3)] public string Instrument { get; set; } = "";
    [Key(3), ProtoMember(4)] public byte Side { get; set; }
    [Key(4), ProtoMember(5)] public byte OrderType { get; set; }
    [Key(5), ProtoMember(6)] public ulong Quantity { get; set; }
    [Key(6), ProtoMember(7)] public ulong Price { get; set; }
    [Key(7), ProtoMember(8)] public byte TimeInForce { get; set; }
    [Key(8), ProtoMember(9, DataFormat = DataFormat.FixedSize)] public long SubmittedAt { get; set; }
    [Key(9), ProtoMember(10)] public byte[] Submitter { get; set; } = [];

    static OrderMessage[] IPeerMessage<OrderMessage>.All => [.. EStreamOrderRecord.All.Select(Of)];

    ulong IPeerMessage<OrderMessage>.Digest()
    {
        return Digests.Of(OrderId) + Digests.Of(ClientOrderId) + Digests.Of(Instrument) + Side + OrderType + Quantity + Price
            + TimeInForce + (ulong)SubmittedAt + Digests.Of(Submitter);
    }

    private static OrderMessage Of(EStreamOrderRecord record) => new()
    {
        OrderId = record.OrderId,
        ClientOrderId = record.ClientOrderId.Chars,
        Instrument = record.Instrument.Chars,
        Side = (byte)record.Side,
        OrderType = (byte)record.OrderType,
        Quantity = record.Quantity,
        Price = record.Price.GetValueOrDefault(),
        TimeInForce = (byte)record.TimeInForce,
        SubmittedAt = record.SubmittedAt,
        Submitter = record.Submitter,
    };
}

/// <summary>An EStreamFill for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class FillMessage : IPeerMessage<FillMessage>
{
    [Key(0), ProtoMember(1)] public byte[] FillId { get; set; } = [];
    [Key(1), ProtoMember(2)] public byte[] OrderId { get; set; } = [];
    [Key(2), ProtoMember(3)] public string Instrument { get; set; } = "";
    [Key(3), ProtoMember(4)] public byte Side { get; set; }
    [Key(4), ProtoMember(5)] public ulong Quantity { get; set; }
    [Key(5), ProtoMember(6)] public ulong Price { get; set; }
    [Key(6), ProtoMember(7)] public ulong Fee { get; set; }
    [Key(7), ProtoMember(8, DataFormat = DataFormat.FixedSize)] public long ExecutedAt { get; set; }
    [Key(8), ProtoMember(9)] public string Venue { get; set; } = "";

    static FillMessage[] IPeerMessage<FillMessage>.All => [.. EStreamFillRecord.All.Select(Of)];

    ulong IPeerMessage<FillMessage>.Digest()
    {
        return Digests.Of(FillId) + Digests.Of(OrderId) + Digests.Of(Instrument) + Side + Quantity + Price + Fee + (ulong)ExecutedAt
            + Digests.Of(Venue);
    }

    private static FillMessage Of(EStreamFillRecord record) => new()
    {
        FillId = record.FillId,
        OrderId = record.OrderId,
        Instrument = record.Instrument.Chars,
        Side = (byte)record.Side,
        Quantity = record.Quantity,
        Price = record.Price,
        Fee = record.Fee,
        ExecutedAt = record.ExecutedAt,
        Venue = record.Venue.Chars,
    };
}

/// <summary>An EStreamQuote for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class QuoteMessage : IPeerMessage<QuoteMessage>
{
    [Key(0), ProtoMember(1)] public string Instrument { get; set; } = "";
    [Key(1), ProtoMember(2)] public ulong BidPrice { get; set; }
    [Key(2), ProtoMember(3)] public ulong BidQuantity { get; set; }
    [Key(3), ProtoMember(4)] public ulong AskPrice { get; set; }
    [Key(4), ProtoMember(5)] public ulong AskQuantity { get; set; }
    [Key(5), ProtoMember(6, DataFormat = DataFormat.FixedSize)] public long Timestamp { get; set; }
    [Key(6), ProtoMember(7)] public string Source { get; set; } = "";

    static QuoteMessage[] IPeerMessage<QuoteMessage>.All => [.. EStreamQuoteRecord.All.Select(Of)];

    ulong IPeerMessage<QuoteMessage>.Digest()
    {
        return Digests.Of(Instrument) + BidPrice + BidQuantity + AskPrice + AskQuantity + (ulong)Timestamp + Digests.Of(Source);
    }

    private static QuoteMessage Of(EStreamQuoteRecord record) => new()
    {
        Instrument = record.Instrument.Chars,
        BidPrice = record.BidPrice,
        BidQuantity = record.BidQuantity,
        AskPrice = record.AskPrice,
        AskQuantity = record.AskQuantity,
        Timestamp = record.Timestamp,
        Source = record.Source.Chars,
    };
}

/// <summary>An EStreamMarketData for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class MarketDataMessage : IPeerMessage<MarketDataMessage>
{
    [Key(0), ProtoMember(1)] public string Instrument { get; set; } = "";
    [Key(1), ProtoMember(2)] public byte Interval { get; set; }
    [Key(2), ProtoMember(3)] public ulong Open { get; set; }
    [Key(3), ProtoMember(4)] public ulong High { get; set; }
    [Key(4), ProtoMember(5)] public ulong Low { get; set; }
    [Key(5), ProtoMember(6)] public ulong Close { get; set; }
    [Key(6), ProtoMember(7)] public ulong Volume { get; set; }
    [Key(7), ProtoMember(8, DataFormat = DataFormat.FixedSize)] public long Timestamp { get; set; }

    static MarketDataMessage[] IPeerMessage<MarketDataMessage>.All => [.. EStreamMarketDataRecord.All.Select(Of)];

    ulong IPeerMessage<MarketDataMessage>.Digest()
    {
        return Digests.Of(Instrument) + Interval + Open + High + Low + Close + Volume + (ulong)Timestamp;
    }

    private static MarketDataMessage Of(EStreamMarketDataRecord record) => new()
    {
        Instrument = record.Instrument.Chars,
        Interval = (byte)record.Interval,
        Open = record.Open,
        High = record.High,
        Low = record.Low,
        Close = record.Close,
        Volume = record.Volume,
        Timestamp = record.Timestamp,
    };
}
