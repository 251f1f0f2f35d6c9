using System.Runtime.CompilerServices;
using MemoryPack;

namespace Estream.Scenarios.Codecs.Serializers;

/// <summary>Encodes and decodes IoTTelemetry with MemoryPack and its source generator.</summary>
internal readonly struct IoTTelemetryMemoryPack : ICodec
{
    private static readonly TelemetryMessage s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        s_message.Fill(index);
        MemoryPackSerializer.Serialize(PeerBuffer.Start(), s_message);
        return PeerBuffer.CopyTo(destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message) =>
        MemoryPackSerializer.Deserialize<TelemetryMessage>(message)!.Digest();
}

/// <summary>Encodes and decodes EStreamOrder with MemoryPack and its source generator.</summary>
internal readonly struct EStreamOrderMemoryPack : ICodec
{
    private static readonly OrderMessage s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        s_message.Fill(index);
        MemoryPackSerializer.Serialize(PeerBuffer.Start(), s_message);
        return PeerBuffer.CopyTo(destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message) =>
        MemoryPackSerializer.Deserialize<OrderMessage>(message)!.Digest();
}

/// <summary>Encodes and decodes ModbusReadResponse with MemoryPack and its source generator.</summary>
internal readonly struct ModbusReadResponseMemoryPack : ICodec
{
    private static readonly ModbusReadMessage s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        s_message.Fill(index);
        MemoryPackSerializer.Serialize(PeerBuffer.Start(), s_message);
        return PeerBuffer.CopyTo(destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message) =>
        MemoryPackSerializer.Deserialize<ModbusReadMessage>(message)!.Digest();
}
