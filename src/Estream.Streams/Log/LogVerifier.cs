using Estream.Core;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams.Log;

/// <summary>
/// Reads a log and computes its seals anew. A seal may stand behind messages it does not cover, which others appended meanwhile, so what is
/// hashed follows behind what is read, from the end of one seal to that of the next.
/// </summary>
internal static class LogVerifier
{
    public static LogVerification Verify(EstreamQueue queue, QueueInfo info, long sealedAt, LogSeal? kept)
    {
        QueueVerification frames = queue.Verify();
        SealState seal = SealState.None;
        string? wrong = frames.Damage is not null ? null
            : info.FirstSequence > 0 ? $"Its first {info.FirstSequence} messages are missing: a log keeps everything. Restore it from a copy."
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
                if (!record.Previous.SequenceEqual(seal.Digest) || next.Last <= seal.Last || next.Last >= next.Position || !Covers(behind, digest, seal, next))
                {
                    return $"The seal at position {message.Position} does not fit the messages before it: they were changed, or cut, or the seal was. Restore the log from a copy.";
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

        return !isCursorMet ? $"It was sealed at position {sealedAt}, and ends before: it was cut. Restore it from a copy."
            : !isKeptMet ? $"It does not hold the seal of {kept!.Messages} messages at position {kept.Position} that was kept: it was cut or changed, or is another log."
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
