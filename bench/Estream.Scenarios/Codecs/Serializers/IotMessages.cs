using Estream.Scenarios.Codecs.Iot;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Workloads;
using MemoryPack;
using MessagePack;
using ProtoBuf;

namespace Estream.Scenarios.Codecs.Serializers;

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

/// <summary>An IoTCommand for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class CommandMessage : IPeerMessage<CommandMessage>
{
    [Key(0), ProtoMember(1)] public byte[] CommandId { get; set; } = [];
    [Key(1), ProtoMember(2)] public string DeviceId { get; set; } = "";
    [Key(2), ProtoMember(3)] public string CommandType { get; set; } = "";
    [Key(3), ProtoMember(4)] public byte[] Payload { get; set; } = [];
    [Key(4), ProtoMember(5, DataFormat = DataFormat.FixedSize)] public long IssuedAt { get; set; }
    [Key(5), ProtoMember(6)] public byte[] IssuedBy { get; set; } = [];
    [Key(6), ProtoMember(7, DataFormat = DataFormat.FixedSize)] public long ExpiresAt { get; set; }
    [Key(7), ProtoMember(8)] public byte[] Signature { get; set; } = [];

    static CommandMessage[] IPeerMessage<CommandMessage>.All => [.. IoTCommandRecord.All.Select(Of)];

    ulong IPeerMessage<CommandMessage>.Digest()
    {
        return Digests.Of(CommandId) + Digests.Of(DeviceId) + Digests.Of(CommandType) + Digests.Of(Payload) + (ulong)IssuedAt
            + Digests.Of(IssuedBy) + (ulong)ExpiresAt + Digests.Of(Signature);
    }

    private static CommandMessage Of(IoTCommandRecord record) => new()
    {
        CommandId = record.CommandId,
        DeviceId = record.DeviceId.Chars,
        CommandType = record.CommandType.Chars,
        Payload = record.Payload,
        IssuedAt = record.IssuedAt,
        IssuedBy = record.IssuedBy,
        ExpiresAt = record.ExpiresAt.GetValueOrDefault(),
        Signature = record.Signature,
    };
}

/// <summary>An IoTAlert for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class AlertMessage : IPeerMessage<AlertMessage>
{
    [Key(0), ProtoMember(1)] public byte[] AlertId { get; set; } = [];
    [Key(1), ProtoMember(2)] public string DeviceId { get; set; } = "";
    [Key(2), ProtoMember(3)] public byte Severity { get; set; }
    [Key(3), ProtoMember(4)] public string Message { get; set; } = "";
    [Key(4), ProtoMember(5, DataFormat = DataFormat.FixedSize)] public long TriggeredAt { get; set; }
    [Key(5), ProtoMember(6, DataFormat = DataFormat.FixedSize)] public long AcknowledgedAt { get; set; }
    [Key(6), ProtoMember(7, DataFormat = DataFormat.FixedSize)] public long ResolvedAt { get; set; }
    [Key(7), ProtoMember(8)] public double TriggerValue { get; set; }
    [Key(8), ProtoMember(9)] public double Threshold { get; set; }

    static AlertMessage[] IPeerMessage<AlertMessage>.All => [.. IoTAlertRecord.All.Select(Of)];

    ulong IPeerMessage<AlertMessage>.Digest()
    {
        return Digests.Of(AlertId) + Digests.Of(DeviceId) + Severity + Digests.Of(Message) + (ulong)TriggeredAt + (ulong)AcknowledgedAt
            + (ulong)ResolvedAt + BitConverter.DoubleToUInt64Bits(TriggerValue) + BitConverter.DoubleToUInt64Bits(Threshold);
    }

    private static AlertMessage Of(IoTAlertRecord record) => new()
    {
        AlertId = record.AlertId,
        DeviceId = record.DeviceId.Chars,
        Severity = (byte)record.Severity,
        Message = record.Message.Chars,
        TriggeredAt = record.TriggeredAt,
        AcknowledgedAt = record.AcknowledgedAt.GetValueOrDefault(),
        ResolvedAt = record.ResolvedAt.GetValueOrDefault(),
        TriggerValue = record.TriggerValue.GetValueOrDefault(),
        Threshold = record.Threshold.GetValueOrDefault(),
    };
}
