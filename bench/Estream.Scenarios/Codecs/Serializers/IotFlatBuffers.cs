using System.Runtime.CompilerServices;
using Estream.Scenarios.Codecs.Iot;
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

/// <summary>Encodes and decodes IoTCommand with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct IoTCommandFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        IoTCommandRecord record = IoTCommandRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int commandId = FlatTable.Put(builder, record.CommandId, sizeof(byte));
        int deviceId = FlatTable.Put(builder, record.DeviceId);
        int commandType = FlatTable.Put(builder, record.CommandType);
        int payload = FlatTable.Put(builder, record.Payload, sizeof(byte));
        int issuedBy = FlatTable.Put(builder, record.IssuedBy, sizeof(byte));
        int signature = FlatTable.Put(builder, record.Signature, sizeof(byte));
        builder.StartTable(8);
        builder.AddLong(6, record.ExpiresAt.GetValueOrDefault(), 0);
        builder.AddLong(4, record.IssuedAt, 0);
        builder.AddOffset(7, signature, 0);
        builder.AddOffset(5, issuedBy, 0);
        builder.AddOffset(3, payload, 0);
        builder.AddOffset(2, commandType, 0);
        builder.AddOffset(1, deviceId, 0);
        builder.AddOffset(0, commandId, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.DigestOf(table, 2)
            + FlatTable.DigestOf(table, 3)
            + FlatTable.ULong(table, 4)
            + FlatTable.DigestOf(table, 5)
            + FlatTable.ULong(table, 6)
            + FlatTable.DigestOf(table, 7);
    }
}

/// <summary>Encodes and decodes IoTAlert with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct IoTAlertFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        IoTAlertRecord record = IoTAlertRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int alertId = FlatTable.Put(builder, record.AlertId, sizeof(byte));
        int deviceId = FlatTable.Put(builder, record.DeviceId);
        int message = FlatTable.Put(builder, record.Message);
        builder.StartTable(9);
        builder.AddDouble(8, record.Threshold.GetValueOrDefault(), 0);
        builder.AddDouble(7, record.TriggerValue.GetValueOrDefault(), 0);
        builder.AddLong(6, record.ResolvedAt.GetValueOrDefault(), 0);
        builder.AddLong(5, record.AcknowledgedAt.GetValueOrDefault(), 0);
        builder.AddLong(4, record.TriggeredAt, 0);
        builder.AddOffset(3, message, 0);
        builder.AddOffset(1, deviceId, 0);
        builder.AddOffset(0, alertId, 0);
        builder.AddByte(2, (byte)record.Severity, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.Byte(table, 2)
            + FlatTable.DigestOf(table, 3)
            + FlatTable.ULong(table, 4)
            + FlatTable.ULong(table, 5)
            + FlatTable.ULong(table, 6)
            + BitConverter.DoubleToUInt64Bits(FlatTable.Double(table, 7))
            + BitConverter.DoubleToUInt64Bits(FlatTable.Double(table, 8));
    }
}
