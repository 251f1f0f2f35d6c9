using System.Runtime.CompilerServices;
using MemoryPack;
using MessagePack;
using ProtoBuf;

namespace Estream.Scenarios.Codecs.Serializers;

/// <summary>
/// A message class as an application declares it for MemoryPack, MessagePack-CSharp and protobuf-net: public, with attributes and
/// numbered members. Texts are strings, enums are bytes, and an absent value is the default value, as in the google-protobuf rows.
/// </summary>
/// <typeparam name="TSelf">The class.</typeparam>
internal interface IPeerMessage<TSelf>
    where TSelf : class, IPeerMessage<TSelf>
{
    /// <summary>The messages that every codec encodes, by number. They are filled before the run.</summary>
    static abstract TSelf[] All { get; }

    /// <summary>Returns the sum of every field.</summary>
    ulong Digest();
}

/// <summary>Encodes and decodes messages with MemoryPack and its source generator.</summary>
internal readonly struct MemoryPackCodec<TMessage> : ICodec
    where TMessage : class, IPeerMessage<TMessage>
{
    private static readonly TMessage[] s_messages = TMessage.All;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        MemoryPackSerializer.Serialize(PeerBuffer.Start(), s_messages[index]);
        return PeerBuffer.CopyTo(destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message) => MemoryPackSerializer.Deserialize<TMessage>(message)!.Digest();
}

/// <summary>Encodes and decodes messages with MessagePack-CSharp: numbered members, standard resolver, no compression.</summary>
internal readonly struct MessagePackCodec<TMessage> : ICodec
    where TMessage : class, IPeerMessage<TMessage>
{
    private static readonly TMessage[] s_messages = TMessage.All;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        MessagePackSerializer.Serialize(PeerBuffer.Start(), s_messages[index]);
        return PeerBuffer.CopyTo(destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message) =>
        MessagePackSerializer.Deserialize<TMessage>(PeerBuffer.OnHeap(message)).Digest();
}

/// <summary>Encodes and decodes messages with protobuf-net and the compiled runtime model.</summary>
internal readonly struct ProtobufNetCodec<TMessage> : ICodec
    where TMessage : class, IPeerMessage<TMessage>
{
    private static readonly TMessage[] s_messages = TMessage.All;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        Serializer.Serialize(PeerBuffer.Start(), s_messages[index]);
        return PeerBuffer.CopyTo(destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message) => Serializer.Deserialize<TMessage>(message).Digest();
}
