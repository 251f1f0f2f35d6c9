using System.Runtime.CompilerServices;
using MessagePack;

namespace Estream.Scenarios.Codecs.Serializers;

/// <summary>Encodes and decodes IoTTelemetry with MessagePack-CSharp: numbered members, standard resolver, no compression.</summary>
internal readonly struct IoTTelemetryMessagePack : ICodec
{
    private static readonly TelemetryMessage s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        s_message.Fill(index);
        MessagePackSerializer.Serialize(PeerBuffer.Start(), s_message);
        return PeerBuffer.CopyTo(destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message) =>
        MessagePackSerializer.Deserialize<TelemetryMessage>(PeerBuffer.OnHeap(message)).Digest();
}

/// <summary>Encodes and decodes EStreamOrder with MessagePack-CSharp: numbered members, standard resolver, no compression.</summary>
internal readonly struct EStreamOrderMessagePack : ICodec
{
    private static readonly OrderMessage s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        s_message.Fill(index);
        MessagePackSerializer.Serialize(PeerBuffer.Start(), s_message);
        return PeerBuffer.CopyTo(destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message) =>
        MessagePackSerializer.Deserialize<OrderMessage>(PeerBuffer.OnHeap(message)).Digest();
}

/// <summary>Encodes and decodes ModbusReadResponse with MessagePack-CSharp: numbered members, standard resolver, no compression.</summary>
internal readonly struct ModbusReadResponseMessagePack : ICodec
{
    private static readonly ModbusReadMessage s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        s_message.Fill(index);
        MessagePackSerializer.Serialize(PeerBuffer.Start(), s_message);
        return PeerBuffer.CopyTo(destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message) =>
        MessagePackSerializer.Deserialize<ModbusReadMessage>(PeerBuffer.OnHeap(message)).Digest();
}
