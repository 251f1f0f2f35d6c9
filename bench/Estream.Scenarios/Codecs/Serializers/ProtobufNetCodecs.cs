using System.Runtime.CompilerServices;
using ProtoBuf;

namespace Estream.Scenarios.Codecs.Serializers;

/// <summary>Encodes and decodes IoTTelemetry with protobuf-net and the compiled runtime model.</summary>
internal readonly struct IoTTelemetryProtobufNet : ICodec
{
    private static readonly TelemetryMessage s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        s_message.Fill(index);
        Serializer.Serialize(PeerBuffer.Start(), s_message);
        return PeerBuffer.CopyTo(destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message) =>
        Serializer.Deserialize<TelemetryMessage>(message).Digest();
}

/// <summary>Encodes and decodes EStreamOrder with protobuf-net and the compiled runtime model.</summary>
internal readonly struct EStreamOrderProtobufNet : ICodec
{
    private static readonly OrderMessage s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        s_message.Fill(index);
        Serializer.Serialize(PeerBuffer.Start(), s_message);
        return PeerBuffer.CopyTo(destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message) =>
        Serializer.Deserialize<OrderMessage>(message).Digest();
}

/// <summary>Encodes and decodes ModbusReadResponse with protobuf-net and the compiled runtime model.</summary>
internal readonly struct ModbusReadResponseProtobufNet : ICodec
{
    private static readonly ModbusReadMessage s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        s_message.Fill(index);
        Serializer.Serialize(PeerBuffer.Start(), s_message);
        return PeerBuffer.CopyTo(destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message) =>
        Serializer.Deserialize<ModbusReadMessage>(message).Digest();
}
