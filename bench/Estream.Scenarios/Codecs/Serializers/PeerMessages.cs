using Estream.Scenarios.Codecs.Industrial;
using Estream.Scenarios.Codecs.Trading;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Workloads;
using MemoryPack;
using MessagePack;
using ProtoBuf;

namespace Estream.Scenarios.Codecs.Serializers;

// The classes an application declares for MemoryPack, MessagePack-CSharp and protobuf-net: public, with attributes and numbered members.
// Texts are strings, enums are bytes, and an absent value is the default value, as in the google-protobuf rows.

/// <summary>An IoTTelemetry reading for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class TelemetryMessage : IPeerMessage<TelemetryMessage>
{
    [Key(0), ProtoMember(1)] public string DeviceId { get; set; } = "";
    [Key(1), ProtoMember(2, DataFormat = DataFormat.FixedSize)] public long Timestamp { get; set; }
    [Key(2), ProtoMember(3)] public string MetricName { get; set; } = "";
    [Key(3), ProtoMember(4)] public double Value { get; set; }
    [Key(4), ProtoMember(5)] public string Unit { get; set; } = "";
    [Key(5), ProtoMember(6)] public byte Quality { get; set; }

    static TelemetryMessage[] IPeerMessage<TelemetryMessage>.All => [.. Readings.All.Select(JsonReading.From).Select(Of)];

    ulong IPeerMessage<TelemetryMessage>.Digest()
    {
        return (ulong)Timestamp + BitConverter.DoubleToUInt64Bits(Value) + Quality
            + Digests.Of(DeviceId) + Digests.Of(MetricName) + Digests.Of(Unit);
    }

    private static TelemetryMessage Of(JsonReading reading) => new()
    {
        DeviceId = reading.DeviceId,
        Timestamp = reading.Timestamp,
        MetricName = reading.MetricName,
        Value = reading.Value,
        Unit = reading.Unit,
        Quality = reading.Quality,
    };
}

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

/// <summary>A ModbusReadResponse, which has two lists, for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class ModbusReadMessage : IPeerMessage<ModbusReadMessage>
{
    [Key(0), ProtoMember(1)] public string DeviceId { get; set; } = "";
    [Key(1), ProtoMember(2)] public byte UnitId { get; set; }
    [Key(2), ProtoMember(3)] public byte Function { get; set; }
    [Key(3), ProtoMember(4)] public byte FunctionCode { get; set; }
    [Key(4), ProtoMember(5)] public ushort Address { get; set; }
    [Key(5), ProtoMember(6)] public ushort Quantity { get; set; }
    [Key(6), ProtoMember(7, IsPacked = true)] public bool[] Bits { get; set; } = [];
    [Key(7), ProtoMember(8, IsPacked = true)] public ushort[] Registers { get; set; } = [];
    [Key(8), ProtoMember(9)] public byte Exception { get; set; }
    [Key(9), ProtoMember(10)] public byte ExceptionCode { get; set; }
    [Key(10), ProtoMember(11)] public ushort TransactionId { get; set; }
    [Key(11), ProtoMember(12, DataFormat = DataFormat.FixedSize)] public long RequestedAt { get; set; }
    [Key(12), ProtoMember(13, DataFormat = DataFormat.FixedSize)] public long AnsweredAt { get; set; }

    static ModbusReadMessage[] IPeerMessage<ModbusReadMessage>.All => [.. ModbusReadResponseRecord.All.Select(Of)];

    ulong IPeerMessage<ModbusReadMessage>.Digest()
    {
        ulong sum = Digests.Of(DeviceId) + UnitId + Function + FunctionCode + Address + Quantity;
        foreach (bool bit in Bits)
        {
            sum += bit ? 1UL : 0UL;
        }

        foreach (ushort register in Registers)
        {
            sum += register;
        }

        return sum + Exception + ExceptionCode + TransactionId + (ulong)RequestedAt + (ulong)AnsweredAt;
    }

    private static ModbusReadMessage Of(ModbusReadResponseRecord record) => new()
    {
        DeviceId = record.DeviceId.Chars,
        UnitId = record.UnitId,
        Function = (byte)record.Function,
        FunctionCode = record.FunctionCode,
        Address = record.Address,
        Quantity = record.Quantity,
        Bits = record.Bits,
        Registers = record.Registers,
        Exception = (byte)record.Exception.GetValueOrDefault(),
        ExceptionCode = record.ExceptionCode.GetValueOrDefault(),
        TransactionId = record.TransactionId.GetValueOrDefault(),
        RequestedAt = record.RequestedAt,
        AnsweredAt = record.AnsweredAt,
    };
}
