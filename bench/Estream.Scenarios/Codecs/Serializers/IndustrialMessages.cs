using Estream.Scenarios.Codecs.Industrial;
using Estream.Scenarios.Workloads;
using MemoryPack;
using MessagePack;
using ProtoBuf;

namespace Estream.Scenarios.Codecs.Serializers;

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

/// <summary>A ModbusWriteResponse for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class ModbusWriteMessage : IPeerMessage<ModbusWriteMessage>
{
    [Key(0), ProtoMember(1)] public string DeviceId { get; set; } = "";
    [Key(1), ProtoMember(2)] public byte UnitId { get; set; }
    [Key(2), ProtoMember(3)] public byte Function { get; set; }
    [Key(3), ProtoMember(4)] public byte FunctionCode { get; set; }
    [Key(4), ProtoMember(5)] public ushort Address { get; set; }
    [Key(5), ProtoMember(6)] public ushort Quantity { get; set; }
    [Key(6), ProtoMember(7, IsPacked = true)] public bool[] Bits { get; set; } = [];
    [Key(7), ProtoMember(8, IsPacked = true)] public ushort[] Registers { get; set; } = [];
    [Key(8), ProtoMember(9)] public ushort AndMask { get; set; }
    [Key(9), ProtoMember(10)] public ushort OrMask { get; set; }
    [Key(10), ProtoMember(11)] public byte Exception { get; set; }
    [Key(11), ProtoMember(12)] public byte ExceptionCode { get; set; }
    [Key(12), ProtoMember(13)] public ushort TransactionId { get; set; }
    [Key(13), ProtoMember(14, DataFormat = DataFormat.FixedSize)] public long RequestedAt { get; set; }
    [Key(14), ProtoMember(15, DataFormat = DataFormat.FixedSize)] public long AnsweredAt { get; set; }

    static ModbusWriteMessage[] IPeerMessage<ModbusWriteMessage>.All => [.. ModbusWriteResponseRecord.All.Select(Of)];

    ulong IPeerMessage<ModbusWriteMessage>.Digest()
    {
        ulong sum = Digests.Of(DeviceId) + UnitId + Function + FunctionCode + Address + Quantity + AndMask + OrMask + Exception
            + ExceptionCode + TransactionId + (ulong)RequestedAt + (ulong)AnsweredAt;
        foreach (bool bit in Bits)
        {
            sum += bit ? 1UL : 0UL;
        }

        foreach (ushort item in Registers)
        {
            sum += item;
        }

        return sum;
    }

    private static ModbusWriteMessage Of(ModbusWriteResponseRecord record) => new()
    {
        DeviceId = record.DeviceId.Chars,
        UnitId = record.UnitId,
        Function = (byte)record.Function,
        FunctionCode = record.FunctionCode,
        Address = record.Address,
        Quantity = record.Quantity,
        Bits = record.Bits,
        Registers = record.Registers,
        AndMask = record.AndMask.GetValueOrDefault(),
        OrMask = record.OrMask.GetValueOrDefault(),
        Exception = (byte)record.Exception.GetValueOrDefault(),
        ExceptionCode = record.ExceptionCode.GetValueOrDefault(),
        TransactionId = record.TransactionId.GetValueOrDefault(),
        RequestedAt = record.RequestedAt,
        AnsweredAt = record.AnsweredAt,
    };
}

/// <summary>A ModbusEvent for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class ModbusEventMessage : IPeerMessage<ModbusEventMessage>
{
    [Key(0), ProtoMember(1)] public string DeviceId { get; set; } = "";
    [Key(1), ProtoMember(2)] public byte UnitId { get; set; }
    [Key(2), ProtoMember(3)] public byte Kind { get; set; }
    [Key(3), ProtoMember(4)] public byte FunctionCode { get; set; }
    [Key(4), ProtoMember(5)] public ushort Address { get; set; }
    [Key(5), ProtoMember(6)] public ushort Quantity { get; set; }
    [Key(6), ProtoMember(7)] public byte ExceptionCode { get; set; }
    [Key(7), ProtoMember(8)] public ushort PreviousValue { get; set; }
    [Key(8), ProtoMember(9)] public ushort Value { get; set; }
    [Key(9), ProtoMember(10)] public string Reason { get; set; } = "";
    [Key(10), ProtoMember(11, DataFormat = DataFormat.FixedSize)] public long OccurredAt { get; set; }

    static ModbusEventMessage[] IPeerMessage<ModbusEventMessage>.All => [.. ModbusEventRecord.All.Select(Of)];

    ulong IPeerMessage<ModbusEventMessage>.Digest()
    {
        return Digests.Of(DeviceId) + UnitId + Kind + FunctionCode + Address + Quantity + ExceptionCode + PreviousValue + Value
            + Digests.Of(Reason) + (ulong)OccurredAt;
    }

    private static ModbusEventMessage Of(ModbusEventRecord record) => new()
    {
        DeviceId = record.DeviceId.Chars,
        UnitId = record.UnitId.GetValueOrDefault(),
        Kind = (byte)record.Kind,
        FunctionCode = record.FunctionCode.GetValueOrDefault(),
        Address = record.Address.GetValueOrDefault(),
        Quantity = record.Quantity.GetValueOrDefault(),
        ExceptionCode = record.ExceptionCode.GetValueOrDefault(),
        PreviousValue = record.PreviousValue.GetValueOrDefault(),
        Value = record.Value.GetValueOrDefault(),
        Reason = record.Reason.Chars,
        OccurredAt = record.OccurredAt,
    };
}

/// <summary>An OpcUaValue for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class OpcUaValueMessage : IPeerMessage<OpcUaValueMessage>
{
    [Key(0), ProtoMember(1)] public string Server { get; set; } = "";
    [Key(1), ProtoMember(2)] public string NamespaceUri { get; set; } = "";
    [Key(2), ProtoMember(3)] public OpcUaNodeMessage? Node { get; set; }
    [Key(3), ProtoMember(4)] public uint AttributeId { get; set; }
    [Key(4), ProtoMember(5)] public byte Type { get; set; }
    [Key(5), ProtoMember(6)] public OpcUaVariantMessage? Value { get; set; }
    [Key(6), ProtoMember(7)] public OpcUaVariantMessage[] Elements { get; set; } = [];
    [Key(7), ProtoMember(8, IsPacked = true)] public uint[] Dimensions { get; set; } = [];
    [Key(8), ProtoMember(9)] public uint StatusCode { get; set; }
    [Key(9), ProtoMember(10, DataFormat = DataFormat.FixedSize)] public long SourceTimestamp { get; set; }
    [Key(10), ProtoMember(11)] public ushort SourcePicoseconds { get; set; }
    [Key(11), ProtoMember(12, DataFormat = DataFormat.FixedSize)] public long ServerTimestamp { get; set; }
    [Key(12), ProtoMember(13)] public ushort ServerPicoseconds { get; set; }
    [Key(13), ProtoMember(14, DataFormat = DataFormat.FixedSize)] public long ReceivedAt { get; set; }

    static OpcUaValueMessage[] IPeerMessage<OpcUaValueMessage>.All => [.. OpcUaValueRecord.All.Select(Of)];

    ulong IPeerMessage<OpcUaValueMessage>.Digest()
    {
        ulong sum = Digests.Of(Server) + Digests.Of(NamespaceUri) + (Node?.Digest() ?? 0) + AttributeId + Type + (Value?.Digest() ?? 0)
            + StatusCode + (ulong)SourceTimestamp + SourcePicoseconds + (ulong)ServerTimestamp + ServerPicoseconds + (ulong)ReceivedAt;
        foreach (OpcUaVariantMessage item in Elements)
        {
            sum += item.Digest();
        }

        foreach (uint item in Dimensions)
        {
            sum += item;
        }

        return sum;
    }

    private static OpcUaValueMessage Of(OpcUaValueRecord record) => new()
    {
        Server = record.Server.Chars,
        NamespaceUri = record.NamespaceUri.Chars,
        Node = OpcUaNodeMessage.Of(record.Node),
        AttributeId = record.AttributeId,
        Type = (byte)record.Type,
        Value = record.Value is null ? null : OpcUaVariantMessage.Of(record.Value),
        Elements = [.. record.Elements.Select(OpcUaVariantMessage.Of)],
        Dimensions = record.Dimensions,
        StatusCode = record.StatusCode,
        SourceTimestamp = record.SourceTimestamp.GetValueOrDefault(),
        SourcePicoseconds = record.SourcePicoseconds.GetValueOrDefault(),
        ServerTimestamp = record.ServerTimestamp.GetValueOrDefault(),
        ServerPicoseconds = record.ServerPicoseconds.GetValueOrDefault(),
        ReceivedAt = record.ReceivedAt,
    };
}

/// <summary>The OpcUaNode object of esf-industrial messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class OpcUaNodeMessage
{
    [Key(0), ProtoMember(1)] public ushort NamespaceIndex { get; set; }
    [Key(1), ProtoMember(2)] public uint Numeric { get; set; }
    [Key(2), ProtoMember(3)] public string Text { get; set; } = "";
    [Key(3), ProtoMember(4)] public string GuidText { get; set; } = "";
    [Key(4), ProtoMember(5)] public byte[] Opaque { get; set; } = [];

    internal ulong Digest() => NamespaceIndex + (ulong)Numeric + Digests.Of(Text) + Digests.Of(GuidText) + Digests.Of(Opaque);

    internal static OpcUaNodeMessage Of(OpcUaNode record) => new()
    {
        NamespaceIndex = record.NamespaceIndex,
        Numeric = record.Numeric.GetValueOrDefault(),
        Text = record.Text.Chars,
        GuidText = record.Guid.Chars,
        Opaque = record.Opaque ?? [],
    };
}

/// <summary>The OpcUaVariant object of esf-industrial messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class OpcUaVariantMessage
{
    [Key(0), ProtoMember(1)] public bool BooleanValue { get; set; }
    [Key(1), ProtoMember(2, DataFormat = DataFormat.ZigZag)] public long SignedValue { get; set; }
    [Key(2), ProtoMember(3)] public ulong UnsignedValue { get; set; }
    [Key(3), ProtoMember(4)] public float SingleValue { get; set; }
    [Key(4), ProtoMember(5)] public double DoubleValue { get; set; }
    [Key(5), ProtoMember(6, DataFormat = DataFormat.FixedSize)] public long Time { get; set; }
    [Key(6), ProtoMember(7)] public string Text { get; set; } = "";
    [Key(7), ProtoMember(8)] public string Locale { get; set; } = "";
    [Key(8), ProtoMember(9)] public ushort NamespaceIndex { get; set; }
    [Key(9), ProtoMember(10)] public byte[] Binary { get; set; } = [];

    internal ulong Digest()
    {
        return (BooleanValue ? 1UL : 0UL) + (ulong)SignedValue + UnsignedValue + BitConverter.SingleToUInt32Bits(SingleValue)
            + BitConverter.DoubleToUInt64Bits(DoubleValue) + (ulong)Time + Digests.Of(Text) + Digests.Of(Locale) + NamespaceIndex
            + Digests.Of(Binary);
    }

    internal static OpcUaVariantMessage Of(OpcUaVariant record) => new()
    {
        BooleanValue = record.Boolean.GetValueOrDefault(),
        SignedValue = record.Signed.GetValueOrDefault(),
        UnsignedValue = record.Unsigned.GetValueOrDefault(),
        SingleValue = record.Single.GetValueOrDefault(),
        DoubleValue = record.Double.GetValueOrDefault(),
        Time = record.Time.GetValueOrDefault(),
        Text = record.Text.Chars,
        Locale = record.Locale.Chars,
        NamespaceIndex = record.NamespaceIndex.GetValueOrDefault(),
        Binary = record.Binary ?? [],
    };
}
