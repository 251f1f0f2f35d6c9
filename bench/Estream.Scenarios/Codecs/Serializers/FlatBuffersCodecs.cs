using System.Runtime.CompilerServices;
using Estream.Scenarios.Codecs.Industrial;
using Estream.Scenarios.Codecs.Trading;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Workloads;
using Google.FlatBuffers;

namespace Estream.Scenarios.Codecs.Serializers;

/// <summary>Encodes and decodes IoTTelemetry with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct IoTTelemetryFlatBuffers : ICodec
{
    private static readonly JsonReading[] s_readings = [.. Readings.All.Select(JsonReading.From)];

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        JsonReading reading = s_readings[index];
        FlatBufferBuilder builder = FlatTable.Start();
        StringOffset deviceId = builder.CreateString(reading.DeviceId);
        StringOffset metricName = builder.CreateString(reading.MetricName);
        StringOffset unit = builder.CreateString(reading.Unit);
        builder.StartTable(6);
        builder.AddDouble(3, reading.Value, 0);
        builder.AddLong(1, reading.Timestamp, 0);
        builder.AddOffset(4, unit.Value, 0);
        builder.AddOffset(2, metricName.Value, 0);
        builder.AddOffset(0, deviceId.Value, 0);
        builder.AddByte(5, reading.Quality, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.ULong(table, 1)
            + FlatTable.DigestOf(table, 2)
            + BitConverter.DoubleToUInt64Bits(FlatTable.Double(table, 3))
            + FlatTable.DigestOf(table, 4)
            + FlatTable.Byte(table, 5);
    }
}

/// <summary>Encodes and decodes EStreamOrder with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct EStreamOrderFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        EStreamOrderRecord record = EStreamOrderRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        VectorOffset orderId = FlatTable.Bytes(builder, record.OrderId);
        StringOffset clientOrderId = builder.CreateString(record.ClientOrderId.Chars);
        StringOffset instrument = builder.CreateString(record.Instrument.Chars);
        VectorOffset submitter = FlatTable.Bytes(builder, record.Submitter);
        builder.StartTable(10);
        builder.AddLong(8, record.SubmittedAt, 0);
        builder.AddUlong(6, record.Price.GetValueOrDefault(), 0);
        builder.AddUlong(5, record.Quantity, 0);
        builder.AddOffset(9, submitter.Value, 0);
        builder.AddOffset(2, instrument.Value, 0);
        builder.AddOffset(1, clientOrderId.Value, 0);
        builder.AddOffset(0, orderId.Value, 0);
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

/// <summary>Encodes and decodes ModbusReadResponse with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct ModbusReadResponseFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        ModbusReadResponseRecord record = ModbusReadResponseRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        StringOffset deviceId = builder.CreateString(record.DeviceId.Chars);
        builder.StartVector(sizeof(bool), record.Bits.Length, sizeof(bool));
        builder.Add(record.Bits);
        VectorOffset bits = builder.EndVector();
        builder.StartVector(sizeof(ushort), record.Registers.Length, sizeof(ushort));
        builder.Add(record.Registers);
        VectorOffset registers = builder.EndVector();
        builder.StartTable(13);
        builder.AddLong(12, record.AnsweredAt, 0);
        builder.AddLong(11, record.RequestedAt, 0);
        builder.AddOffset(7, registers.Value, 0);
        builder.AddOffset(6, bits.Value, 0);
        builder.AddOffset(0, deviceId.Value, 0);
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
