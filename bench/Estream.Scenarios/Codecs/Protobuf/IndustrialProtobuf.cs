using System.Runtime.CompilerServices;
using Estream.Scenarios.Codecs.Industrial;
using Estream.Scenarios.Workloads;
using static Estream.Scenarios.Codecs.Protobuf.IndustrialWire;
using Pb = Estream.Scenarios.Protoc.Industrial;

namespace Estream.Scenarios.Codecs.Protobuf;

/// <summary>Encodes and decodes ModbusReadResponse with the class that protoc generates.</summary>
internal readonly struct ModbusReadResponseProtobuf : ICodec
{
    private static readonly Pb.ModbusReadResponse s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        ModbusReadResponseRecord record = ModbusReadResponseRecord.All[index];
        Pb.ModbusReadResponse message = s_message;
        message.DeviceId = record.DeviceId.Chars;
        message.UnitId = record.UnitId;
        message.Function = (uint)record.Function;
        message.FunctionCode = record.FunctionCode;
        message.Address = record.Address;
        message.Quantity = record.Quantity;
        Refill.List(message.Bits, record.Bits);
        Refill.List(message.Registers, record.Registers);
        message.Exception = (uint)record.Exception.GetValueOrDefault();
        message.ExceptionCode = record.ExceptionCode.GetValueOrDefault();
        message.TransactionId = record.TransactionId.GetValueOrDefault();
        message.RequestedAt = record.RequestedAt;
        message.AnsweredAt = record.AnsweredAt;
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.ModbusReadResponse message = Pb.ModbusReadResponse.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.DeviceId);
        sum += message.UnitId;
        sum += message.Function;
        sum += message.FunctionCode;
        sum += message.Address;
        sum += message.Quantity;
        sum += Refill.Sum(message.Bits);
        sum += Refill.Sum(message.Registers);
        sum += message.Exception;
        sum += message.ExceptionCode;
        sum += message.TransactionId;
        sum += (ulong)message.RequestedAt;
        sum += (ulong)message.AnsweredAt;
        return sum;
    }
}

/// <summary>Encodes and decodes ModbusWriteResponse with the class that protoc generates.</summary>
internal readonly struct ModbusWriteResponseProtobuf : ICodec
{
    private static readonly Pb.ModbusWriteResponse s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        ModbusWriteResponseRecord record = ModbusWriteResponseRecord.All[index];
        Pb.ModbusWriteResponse message = s_message;
        message.DeviceId = record.DeviceId.Chars;
        message.UnitId = record.UnitId;
        message.Function = (uint)record.Function;
        message.FunctionCode = record.FunctionCode;
        message.Address = record.Address;
        message.Quantity = record.Quantity;
        Refill.List(message.Bits, record.Bits);
        Refill.List(message.Registers, record.Registers);
        message.AndMask = record.AndMask.GetValueOrDefault();
        message.OrMask = record.OrMask.GetValueOrDefault();
        message.Exception = (uint)record.Exception.GetValueOrDefault();
        message.ExceptionCode = record.ExceptionCode.GetValueOrDefault();
        message.TransactionId = record.TransactionId.GetValueOrDefault();
        message.RequestedAt = record.RequestedAt;
        message.AnsweredAt = record.AnsweredAt;
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.ModbusWriteResponse message = Pb.ModbusWriteResponse.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.DeviceId);
        sum += message.UnitId;
        sum += message.Function;
        sum += message.FunctionCode;
        sum += message.Address;
        sum += message.Quantity;
        sum += Refill.Sum(message.Bits);
        sum += Refill.Sum(message.Registers);
        sum += message.AndMask;
        sum += message.OrMask;
        sum += message.Exception;
        sum += message.ExceptionCode;
        sum += message.TransactionId;
        sum += (ulong)message.RequestedAt;
        sum += (ulong)message.AnsweredAt;
        return sum;
    }
}

/// <summary>Encodes and decodes ModbusEvent with the class that protoc generates.</summary>
internal readonly struct ModbusEventProtobuf : ICodec
{
    private static readonly Pb.ModbusEvent s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        ModbusEventRecord record = ModbusEventRecord.All[index];
        Pb.ModbusEvent message = s_message;
        message.DeviceId = record.DeviceId.Chars;
        message.UnitId = record.UnitId.GetValueOrDefault();
        message.Kind = (uint)record.Kind;
        message.FunctionCode = record.FunctionCode.GetValueOrDefault();
        message.Address = record.Address.GetValueOrDefault();
        message.Quantity = record.Quantity.GetValueOrDefault();
        message.ExceptionCode = record.ExceptionCode.GetValueOrDefault();
        message.PreviousValue = record.PreviousValue.GetValueOrDefault();
        message.Value = record.Value.GetValueOrDefault();
        message.Reason = record.Reason.Chars;
        message.OccurredAt = record.OccurredAt;
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.ModbusEvent message = Pb.ModbusEvent.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.DeviceId);
        sum += message.UnitId;
        sum += message.Kind;
        sum += message.FunctionCode;
        sum += message.Address;
        sum += message.Quantity;
        sum += message.ExceptionCode;
        sum += message.PreviousValue;
        sum += message.Value;
        sum += Digests.Of(message.Reason);
        sum += (ulong)message.OccurredAt;
        return sum;
    }
}

/// <summary>Encodes and decodes OpcUaValue with the class that protoc generates.</summary>
internal readonly struct OpcUaValueProtobuf : ICodec
{
    private static readonly Pb.OpcUaValue s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        OpcUaValueRecord record = OpcUaValueRecord.All[index];
        Pb.OpcUaValue message = s_message;
        message.Server = record.Server.Chars;
        message.NamespaceUri = record.NamespaceUri.Chars;
        message.Node = Fill(message.Node, record.Node);
        message.AttributeId = record.AttributeId;
        message.Type = (uint)record.Type;
        message.Value = Fill(message.Value, record.Value);
        Refill.List(message.Elements, record.Elements, Fill);
        Refill.List(message.Dimensions, record.Dimensions);
        message.StatusCode = record.StatusCode;
        message.SourceTimestamp = record.SourceTimestamp.GetValueOrDefault();
        message.SourcePicoseconds = record.SourcePicoseconds.GetValueOrDefault();
        message.ServerTimestamp = record.ServerTimestamp.GetValueOrDefault();
        message.ServerPicoseconds = record.ServerPicoseconds.GetValueOrDefault();
        message.ReceivedAt = record.ReceivedAt;
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.OpcUaValue message = Pb.OpcUaValue.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.Server);
        sum += Digests.Of(message.NamespaceUri);
        sum += Take(message.Node);
        sum += message.AttributeId;
        sum += message.Type;
        sum += Take(message.Value);
        sum += Refill.Sum(message.Elements, Take);
        sum += Refill.Sum(message.Dimensions);
        sum += message.StatusCode;
        sum += (ulong)message.SourceTimestamp;
        sum += message.SourcePicoseconds;
        sum += (ulong)message.ServerTimestamp;
        sum += message.ServerPicoseconds;
        sum += (ulong)message.ReceivedAt;
        return sum;
    }
}
