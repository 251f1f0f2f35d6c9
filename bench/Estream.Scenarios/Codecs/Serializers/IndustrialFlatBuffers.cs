using System.Runtime.CompilerServices;
using Estream.Scenarios.Codecs.Industrial;
using Google.FlatBuffers;

namespace Estream.Scenarios.Codecs.Serializers;

/// <summary>Encodes and decodes ModbusReadResponse with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct ModbusReadResponseFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        ModbusReadResponseRecord record = ModbusReadResponseRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int deviceId = FlatTable.Put(builder, record.DeviceId);
        int bits = FlatTable.Put(builder, record.Bits, sizeof(bool));
        int registers = FlatTable.Put(builder, record.Registers, sizeof(ushort));
        builder.StartTable(13);
        builder.AddLong(12, record.AnsweredAt, 0);
        builder.AddLong(11, record.RequestedAt, 0);
        builder.AddOffset(7, registers, 0);
        builder.AddOffset(6, bits, 0);
        builder.AddOffset(0, deviceId, 0);
        builder.AddUshort(10, record.TransactionId.GetValueOrDefault(), 0);
        builder.AddUshort(5, record.Quantity, 0);
        builder.AddUshort(4, record.Address, 0);
        builder.AddByte(9, record.ExceptionCode.GetValueOrDefault(), 0);
        builder.AddByte(8, (byte)record.Exception.GetValueOrDefault(), 0);
        builder.AddByte(3, record.FunctionCode, 0);
        builder.AddByte(2, (byte)record.Function, 0);
        builder.AddByte(1, record.UnitId, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.Byte(table, 1)
            + FlatTable.Byte(table, 2)
            + FlatTable.Byte(table, 3)
            + FlatTable.UShort(table, 4)
            + FlatTable.UShort(table, 5)
            + FlatTable.SumOf(table, 6, sizeof(bool))
            + FlatTable.SumOf(table, 7, sizeof(ushort))
            + FlatTable.Byte(table, 8)
            + FlatTable.Byte(table, 9)
            + FlatTable.UShort(table, 10)
            + FlatTable.ULong(table, 11)
            + FlatTable.ULong(table, 12);
    }
}

/// <summary>Encodes and decodes ModbusWriteResponse with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct ModbusWriteResponseFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        ModbusWriteResponseRecord record = ModbusWriteResponseRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int deviceId = FlatTable.Put(builder, record.DeviceId);
        int bits = FlatTable.Put(builder, record.Bits, sizeof(bool));
        int registers = FlatTable.Put(builder, record.Registers, sizeof(ushort));
        builder.StartTable(15);
        builder.AddLong(14, record.AnsweredAt, 0);
        builder.AddLong(13, record.RequestedAt, 0);
        builder.AddOffset(7, registers, 0);
        builder.AddOffset(6, bits, 0);
        builder.AddOffset(0, deviceId, 0);
        builder.AddUshort(12, record.TransactionId.GetValueOrDefault(), 0);
        builder.AddUshort(9, record.OrMask.GetValueOrDefault(), 0);
        builder.AddUshort(8, record.AndMask.GetValueOrDefault(), 0);
        builder.AddUshort(5, record.Quantity, 0);
        builder.AddUshort(4, record.Address, 0);
        builder.AddByte(11, record.ExceptionCode.GetValueOrDefault(), 0);
        builder.AddByte(10, (byte)record.Exception.GetValueOrDefault(), 0);
        builder.AddByte(3, record.FunctionCode, 0);
        builder.AddByte(2, (byte)record.Function, 0);
        builder.AddByte(1, record.UnitId, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.Byte(table, 1)
            + FlatTable.Byte(table, 2)
            + FlatTable.Byte(table, 3)
            + FlatTable.UShort(table, 4)
            + FlatTable.UShort(table, 5)
            + FlatTable.SumOf(table, 6, sizeof(bool))
            + FlatTable.SumOf(table, 7, sizeof(ushort))
            + FlatTable.UShort(table, 8)
            + FlatTable.UShort(table, 9)
            + FlatTable.Byte(table, 10)
            + FlatTable.Byte(table, 11)
            + FlatTable.UShort(table, 12)
            + FlatTable.ULong(table, 13)
            + FlatTable.ULong(table, 14);
    }
}

/// <summary>Encodes and decodes ModbusEvent with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct ModbusEventFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        ModbusEventRecord record = ModbusEventRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int deviceId = FlatTable.Put(builder, record.DeviceId);
        int reason = FlatTable.Put(builder, record.Reason);
        builder.StartTable(11);
        builder.AddLong(10, record.OccurredAt, 0);
        builder.AddOffset(9, reason, 0);
        builder.AddOffset(0, deviceId, 0);
        builder.AddUshort(8, record.Value.GetValueOrDefault(), 0);
        builder.AddUshort(7, record.PreviousValue.GetValueOrDefault(), 0);
        builder.AddUshort(5, record.Quantity.GetValueOrDefault(), 0);
        builder.AddUshort(4, record.Address.GetValueOrDefault(), 0);
        builder.AddByte(6, record.ExceptionCode.GetValueOrDefault(), 0);
        builder.AddByte(3, record.FunctionCode.GetValueOrDefault(), 0);
        builder.AddByte(2, (byte)record.Kind, 0);
        builder.AddByte(1, record.UnitId.GetValueOrDefault(), 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.Byte(table, 1)
            + FlatTable.Byte(table, 2)
            + FlatTable.Byte(table, 3)
            + FlatTable.UShort(table, 4)
            + FlatTable.UShort(table, 5)
            + FlatTable.Byte(table, 6)
            + FlatTable.UShort(table, 7)
            + FlatTable.UShort(table, 8)
            + FlatTable.DigestOf(table, 9)
            + FlatTable.ULong(table, 10);
    }
}

/// <summary>Encodes and decodes OpcUaValue with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct OpcUaValueFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        OpcUaValueRecord record = OpcUaValueRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int server = FlatTable.Put(builder, record.Server);
        int namespaceUri = FlatTable.Put(builder, record.NamespaceUri);
        int node = Put(builder, record.Node);
        int value = record.Value is null ? 0 : Put(builder, record.Value);
        int elements = FlatTable.Put(builder, record.Elements, Put);
        int dimensions = FlatTable.Put(builder, record.Dimensions, sizeof(uint));
        builder.StartTable(14);
        builder.AddLong(13, record.ReceivedAt, 0);
        builder.AddLong(11, record.ServerTimestamp.GetValueOrDefault(), 0);
        builder.AddLong(9, record.SourceTimestamp.GetValueOrDefault(), 0);
        builder.AddUint(8, record.StatusCode, 0);
        builder.AddOffset(7, dimensions, 0);
        builder.AddOffset(6, elements, 0);
        builder.AddOffset(5, value, 0);
        builder.AddUint(3, record.AttributeId, 0);
        builder.AddOffset(2, node, 0);
        builder.AddOffset(1, namespaceUri, 0);
        builder.AddOffset(0, server, 0);
        builder.AddUshort(12, record.ServerPicoseconds.GetValueOrDefault(), 0);
        builder.AddUshort(10, record.SourcePicoseconds.GetValueOrDefault(), 0);
        builder.AddByte(4, (byte)record.Type, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.DigestOf(table, 2, TakeOpcUaNode)
            + FlatTable.UInt(table, 3)
            + FlatTable.Byte(table, 4)
            + FlatTable.DigestOf(table, 5, TakeOpcUaVariant)
            + FlatTable.SumOf(table, 6, TakeOpcUaVariant)
            + FlatTable.SumOf(table, 7, sizeof(uint))
            + FlatTable.UInt(table, 8)
            + FlatTable.ULong(table, 9)
            + FlatTable.UShort(table, 10)
            + FlatTable.ULong(table, 11)
            + FlatTable.UShort(table, 12)
            + FlatTable.ULong(table, 13);
    }

    private static int Put(FlatBufferBuilder builder, OpcUaNode record)
    {
        int text = FlatTable.Put(builder, record.Text);
        int guid = FlatTable.Put(builder, record.Guid);
        int opaque = FlatTable.Put(builder, record.Opaque, sizeof(byte));
        builder.StartTable(5);
        builder.AddOffset(4, opaque, 0);
        builder.AddOffset(3, guid, 0);
        builder.AddOffset(2, text, 0);
        builder.AddUint(1, record.Numeric.GetValueOrDefault(), 0);
        builder.AddUshort(0, record.NamespaceIndex, 0);
        return builder.EndTable();
    }

    private static ulong TakeOpcUaNode(Table table)
    {
        return FlatTable.UShort(table, 0)
            + FlatTable.UInt(table, 1)
            + FlatTable.DigestOf(table, 2)
            + FlatTable.DigestOf(table, 3)
            + FlatTable.DigestOf(table, 4);
    }

    private static int Put(FlatBufferBuilder builder, OpcUaVariant record)
    {
        int text = FlatTable.Put(builder, record.Text);
        int locale = FlatTable.Put(builder, record.Locale);
        int binary = FlatTable.Put(builder, record.Binary, sizeof(byte));
        builder.StartTable(10);
        builder.AddLong(5, record.Time.GetValueOrDefault(), 0);
        builder.AddDouble(4, record.Double.GetValueOrDefault(), 0);
        builder.AddUlong(2, record.Unsigned.GetValueOrDefault(), 0);
        builder.AddLong(1, record.Signed.GetValueOrDefault(), 0);
        builder.AddOffset(9, binary, 0);
        builder.AddOffset(7, locale, 0);
        builder.AddOffset(6, text, 0);
        builder.AddFloat(3, record.Single.GetValueOrDefault(), 0);
        builder.AddUshort(8, record.NamespaceIndex.GetValueOrDefault(), 0);
        builder.AddBool(0, record.Boolean.GetValueOrDefault(), false);
        return builder.EndTable();
    }

    private static ulong TakeOpcUaVariant(Table table)
    {
        return FlatTable.Byte(table, 0)
            + FlatTable.ULong(table, 1)
            + FlatTable.ULong(table, 2)
            + FlatTable.UInt(table, 3)
            + BitConverter.DoubleToUInt64Bits(FlatTable.Double(table, 4))
            + FlatTable.ULong(table, 5)
            + FlatTable.DigestOf(table, 6)
            + FlatTable.DigestOf(table, 7)
            + FlatTable.UShort(table, 8)
            + FlatTable.DigestOf(table, 9);
    }
}
