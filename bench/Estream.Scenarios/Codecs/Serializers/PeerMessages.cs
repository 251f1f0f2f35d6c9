using Estream.Scenarios.Codecs.Industrial;
using Estream.Scenarios.Codecs.Trading;
using Estream.Scenarios.Workloads;
using MemoryPack;
using MessagePack;
using ProtoBuf;

namespace Estream.Scenarios.Codecs.Serializers;

// The classes an application declares for MemoryPack, MessagePack-CSharp and protobuf-net: public, with attributes and numbered members.
// Texts are strings. Encoding refills one object for each message, as the google-protobuf rows do.

/// <summary>An IoTTelemetry reading for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class TelemetryMessage
{
    private static readonly Peers.JsonReading[] s_readings = [.. Readings.All.Select(Peers.JsonReading.From)];

    [Key(0), ProtoMember(1)] public string DeviceId { get; set; } = "";
    [Key(1), ProtoMember(2, DataFormat = DataFormat.FixedSize)] public long Timestamp { get; set; }
    [Key(2), ProtoMember(3)] public string MetricName { get; set; } = "";
    [Key(3), ProtoMember(4)] public double Value { get; set; }
    [Key(4), ProtoMember(5)] public string Unit { get; set; } = "";
    [Key(5), ProtoMember(6)] public byte Quality { get; set; }

    internal void Fill(int index)
    {
        Peers.JsonReading reading = s_readings[index];
        DeviceId = reading.DeviceId;
        Timestamp = reading.Timestamp;
        MetricName = reading.MetricName;
        Value = reading.Value;
        Unit = reading.Unit;
        Quality = reading.Quality;
    }

    internal ulong Digest()
    {
        return (ulong)Timestamp + BitConverter.DoubleToUInt64Bits(Value) + Quality
            + Digests.Of(DeviceId) + Digests.Of(MetricName) + Digests.Of(Unit);
    }
}

/// <summary>An EStreamOrder for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class OrderMessage
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

    internal void Fill(int index)
    {
        EStreamOrderRecord record = EStreamOrderRecord.All[index];
        OrderId = record.OrderId;
        ClientOrderId = record.ClientOrderId.Chars;
        Instrument = record.Instrument.Chars;
        Side = (byte)record.Side;
        OrderType = (byte)record.OrderType;
        Quantity = record.Quantity;
        Price = record.Price.GetValueOrDefault();
        TimeInForce = (byte)record.TimeInForce;
        SubmittedAt = record.SubmittedAt;
        Submitter = record.Submitter;
    }

    internal ulong Digest()
    {
        return Digests.Of(OrderId) + Digests.Of(ClientOrderId) + Digests.Of(Instrument) + Side + OrderType + Quantity + Price
            + TimeInForce + (ulong)SubmittedAt + Digests.Of(Submitter);
    }
}

/// <summary>A ModbusReadResponse, which has two lists, for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class ModbusReadMessage
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

    internal void Fill(int index)
    {
        ModbusReadResponseRecord record = ModbusReadResponseRecord.All[index];
        DeviceId = record.DeviceId.Chars;
        UnitId = record.UnitId;
        Function = (byte)record.Function;
        FunctionCode = record.FunctionCode;
        Address = record.Address;
        Quantity = record.Quantity;
        Bits = record.Bits;
        Registers = record.Registers;
        Exception = (byte)record.Exception.GetValueOrDefault();
        ExceptionCode = record.ExceptionCode.GetValueOrDefault();
        TransactionId = record.TransactionId.GetValueOrDefault();
        RequestedAt = record.RequestedAt;
        AnsweredAt = record.AnsweredAt;
    }

    internal ulong Digest()
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
}
