using System.Buffers.Binary;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>A function that hashes a whole message.</summary>
internal delegate void MessageHash(ReadOnlySpan<byte> message, Span<byte> hash);

/// <summary>A row of `sha3`: hashes one message after the other. Each message starts with the hash of the previous message, so that no hash
/// can be skipped.</summary>
internal sealed class HashContender(ContenderContext context, MessageHash hash) : Batches(context.Size.Of(64, 2), batchOperations: 1)
{
    public const int MessageBytes = 1 << 20;

    private const int HashBytes = 32;

    private readonly byte[] _message = new byte[MessageBytes];

    public override void Dispose()
    {
    }

    protected override void BeforeRound()
    {
        for (int at = 0; at < _message.Length; at++)
        {
            _message[at] = (byte)(at * 7);
        }
    }

    protected override void Batch(int count)
    {
        Span<byte> digest = stackalloc byte[HashBytes];
        for (int i = 0; i < count; i++)
        {
            hash(_message, digest);
            digest.CopyTo(_message);
        }
    }

    protected override ulong CheckOfRound() => BinaryPrimitives.ReadUInt64LittleEndian(_message);
}
