using System.Buffers.Binary;
using System.Security.Cryptography;
using Estream.Queue;

namespace Estream.Streams.Log;

/// <summary>The digest of a seal: that of the seal before, and then number, length and bytes of each message since.</summary>
internal sealed class SealDigest : IDisposable
{
    public const int Bytes = SHA256.HashSizeInBytes;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public void Begin(ReadOnlySpan<byte> previous) => _hash.AppendData(previous);

    public void Add(in QueueMessage message)
    {
        Span<byte> head = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(head, message.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], message.Payload.Length);
        _hash.AppendData(head);
        _hash.AppendData(message.Payload);
    }

    /// <summary>The digest; the next one begins anew.</summary>
    public byte[] End() => _hash.GetHashAndReset();

    public void Dispose() => _hash.Dispose();
}
