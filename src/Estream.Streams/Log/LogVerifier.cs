using System.Buffers.Binary;
using System.Security.Cryptography;
using Estream.Core;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams.Log;

/// <summary>
/// Reads a log and recomputes its seals. Messages that other writers append during sealing precede the seal but are not covered by it.
/// Hashing therefore uses a second tailer, which advances from the end of one seal's messages to the end of the next one's.
/// </summary>
internal static class LogVerifier
{
    public static LogVerification Verify(EstreamQueue queue, QueueInfo info, long sealedAt, LogSeal? kept)
    {
        QueueVerification frames = queue.Verify();
        SealState seal = SealState.None;
        string? wrong = frames.Damage is not null ? null
            : info.FirstSequence > 0
                ? $"The first {info.FirstSequence} messages are missing, but a log keeps everything. Restore it from a copy."
            : CheckSeals(queue, sealedAt, kept, ref seal);
        QueueDamage? damage = frames.Damage ?? (wrong is null ? null : new QueueDamage(queue.Directory, -1, wrong));
        return new LogVerification(frames.MessageCount, seal.Messages, seal.ToSeal(), damage);
    }

    private static string? CheckSeals(EstreamQueue queue, long sealedAt, LogSeal? kept, ref SealState seal)
    {
        bool isCursorMet = sealedAt < 0;
        bool isKeptMet = kept is null;
        using QueueTailer tailer = queue.CreateTailer();
        using QueueTailer behind = queue.CreateTailer();
        using var digest = new SealDigest();
        try
        {
            while (tailer.TryRead(out QueueMessage message))
            {
                if (!Message.TryView(message.Payload, message.Position, out LogSealRecord.View record))
                {
                    continue;
                }

                SealState next = SealState.Of(in record, message.Position);
                if (!record.Previous.SequenceEqual(seal.Digest) || next.Last <= seal.Last || next.Last >= next.Position
                    || !Covers(behind, digest, seal, next))
                {
                    return $"The seal at position {message.Position} does not match the messages before it: messages were changed or "
                        + "removed, or the seal was changed. Restore the log from a copy.";
                }

                seal = next;
                isCursorMet |= seal.Position == sealedAt;
                isKeptMet |= seal.ToSeal() == kept;
            }
        }
        catch (EstreamException damage) when (damage is EstreamCorruptionException or EstreamFormatException)
        {
            return damage.Message;
        }

        return !isCursorMet ? $"The log was sealed at position {sealedAt} but ends before it: it was truncated. Restore it from a copy."
            : !isKeptMet
                ? $"The log does not contain the kept seal of {kept!.Messages} messages at position {kept.Position}: it was truncated or "
                    + "changed, or is another log. Restore it from a copy, or pass a seal of this log."
            : null;
    }

    private static bool Covers(QueueTailer behind, SealDigest digest, SealState from, SealState to)
    {
        digest.Begin(from.Digest);
        long messages = from.Messages;
        long last = from.Last;
        while (last < to.Last && behind.TryRead(out QueueMessage message))
        {
            digest.Add(in message);
            (last, messages) = (message.Position, messages + 1);
        }

        byte[] sum = digest.End();
        return last == to.Last && messages == to.Messages && sum.AsSpan().SequenceEqual(to.Digest);
    }
}

/// <summary>How far a log is sealed.</summary>
/// <param name="Position">The position of the seal; -1 before the first seal.</param>
/// <param name="Last">The position of the last message the seal covers; -1 before the first seal.</param>
/// <param name="Messages">The number of messages covered by this seal and all earlier seals.</param>
/// <param name="Digest">The digest of the seal.</param>
internal sealed record SealState(long Position, long Last, long Messages, byte[] Digest)
{
    public static SealState None { get; } = new(-1, -1, 0, new byte[SealDigest.Bytes]);

    public static SealState Of(in LogSealRecord.View record, long position) =>
        new(position, record.Last, record.Messages, record.Digest.ToArray());

    public LogSeal? ToSeal() => Position < 0 ? null : new LogSeal(Position, Messages, Convert.ToHexStringLower(Digest));
}

/// <summary>Computes the digest of a seal: over the previous seal's digest, then the sequence number, length and bytes of each message that
/// no earlier seal covers.</summary>
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

    /// <summary>Returns the digest and resets, so that the next digest can begin.</summary>
    public byte[] End() => _hash.GetHashAndReset();

    public void Dispose() => _hash.Dispose();
}
