using System.Runtime.CompilerServices;
using Estream.Scenarios.Codecs.Iot;
using Estream.Scenarios.Workloads;
using Pb = Estream.Scenarios.Protoc.Iot;

namespace Estream.Scenarios.Codecs.Protobuf;

/// <summary>Encodes and decodes IoTCommand with the class that protoc generates.</summary>
internal readonly struct IoTCommandProtobuf : ICodec
{
    private static readonly Pb.IoTCommand s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        IoTCommandRecord record = IoTCommandRecord.All[index];
        Pb.IoTCommand message = s_message;
        message.CommandId = Refill.Bytes(record.CommandId);
        message.DeviceId = record.DeviceId.Chars;
        message.CommandType = record.CommandType.Chars;
        message.Payload = Refill.Bytes(record.Payload);
        message.IssuedAt = record.IssuedAt;
        message.IssuedBy = Refill.Bytes(record.IssuedBy);
        message.ExpiresAt = record.ExpiresAt.GetValueOrDefault();
        message.Signature = Refill.Bytes(record.Signature);
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.IoTCommand message = Pb.IoTCommand.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.CommandId.Span);
        sum += Digests.Of(message.DeviceId);
        sum += Digests.Of(message.CommandType);
        sum += Digests.Of(message.Payload.Span);
        sum += (ulong)message.IssuedAt;
        sum += Digests.Of(message.IssuedBy.Span);
        sum += (ulong)message.ExpiresAt;
        sum += Digests.Of(message.Signature.Span);
        return sum;
    }
}

/// <summary>Encodes and decodes IoTAlert with the class that protoc generates.</summary>
internal readonly struct IoTAlertProtobuf : ICodec
{
    private static readonly Pb.IoTAlert s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        IoTAlertRecord record = IoTAlertRecord.All[index];
        Pb.IoTAlert message = s_message;
        message.AlertId = Refill.Bytes(record.AlertId);
        message.DeviceId = record.DeviceId.Chars;
        message.Severity = (uint)record.Severity;
        message.Message = record.Message.Chars;
        message.TriggeredAt = record.TriggeredAt;
        message.AcknowledgedAt = record.AcknowledgedAt.GetValueOrDefault();
        message.ResolvedAt = record.ResolvedAt.GetValueOrDefault();
        message.TriggerValue = record.TriggerValue.GetValueOrDefault();
        message.Threshold = record.Threshold.GetValueOrDefault();
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.IoTAlert message = Pb.IoTAlert.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.AlertId.Span);
        sum += Digests.Of(message.DeviceId);
        sum += message.Severity;
        sum += Digests.Of(message.Message);
        sum += (ulong)message.TriggeredAt;
        sum += (ulong)message.AcknowledgedAt;
        sum += (ulong)message.ResolvedAt;
        sum += BitConverter.DoubleToUInt64Bits(message.TriggerValue);
        sum += BitConverter.DoubleToUInt64Bits(message.Threshold);
        return sum;
    }
}
