using Estream.Core;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Log;

namespace Estream.Streams;

/// <summary>
/// A queue as a record for good: nothing in it is ever given up, whatever limits anybody opens it with, and <see cref="Verify"/> finds what
/// was changed or cut. Appending and reading are those of any queue.
/// </summary>
/// <remarks>
/// <para>A <see cref="Seal"/> is a message with a digest of everything before it. Without one, <see cref="Verify"/> finds what the
/// checksums of the queue find: damage, but not a cut between two messages, nor a change by somebody who corrects the checksum. With seals
/// it finds both before the newest one; somebody who can write the files and computes all seals anew is found only by a seal that was kept
/// elsewhere.</para>
/// <para>Thread-safe; one seal is made at a time, across processes.</para>
/// </remarks>
public sealed class EsfLog
{
    private const string KeeperName = "estream.log";
    private const string SealName = "estream.log-seal";

    private readonly EstreamQueue _queue;

    /// <summary>Makes a log of a queue, for good, or opens one. The queue stays the caller's to dispose.</summary>
    /// <param name="queue">The queue. One that was opened read-only can be verified, and not sealed.</param>
    /// <exception cref="EstreamStorageException">The queue has given up messages already, or the directory may not be written.</exception>
    public EsfLog(EstreamQueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        _queue = queue;
        if (!queue.IsReadOnly)
        {
            RetentionPin.KeepAll(queue, KeeperName);
        }
    }

    /// <summary>
    /// Seals what is in the log. Reads all messages since the last seal, so it is called once in a while, by one who has the time, and not
    /// for each message; others append meanwhile.
    /// </summary>
    /// <param name="appender">An appender of the queue.</param>
    /// <returns>The seal, to be kept elsewhere too; the newest one when nothing was appended since; <see langword="null"/> for an empty
    /// log.</returns>
    /// <exception cref="EstreamLeaseException">Somebody is sealing.</exception>
    /// <exception cref="EstreamCorruptionException">The log was cut or damaged; see <see cref="Verify"/>.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be made. Try again later.</exception>
    /// <exception cref="InvalidOperationException">The queue was opened read-only.</exception>
    public LogSeal? Seal(QueueAppender appender)
    {
        ArgumentNullException.ThrowIfNull(appender);
        using QueueTailer cursor = _queue.CreateTailer(SealName);
        SealState known = AtCursor(cursor);
        if (Cover(ref known) is not { } next)
        {
            if (known.Position >= 0)
            {
                // Where somebody was killed between a seal and this, it is put right here.
                cursor.Seek(known.Position);
            }

            return known.ToSeal();
        }

        long position = Append(appender, next, known.Digest);
        cursor.Seek(position);
        return (next with { Position = position }).ToSeal();
    }

    /// <summary>
    /// Reads every message, and says where the first damage is: what the checksums of the queue find, messages that are missing at either
    /// end or in between, and seals that do not fit what they cover. Repairs nothing. Reads the log three times.
    /// </summary>
    /// <param name="kept">A seal that was kept elsewhere: the log has to hold it.</param>
    public LogVerification Verify(LogSeal? kept = null)
    {
        QueueInfo info = _queue.GetInfo();
        TailerInfo? sealer = info.Tailers.FirstOrDefault(tailer => tailer.Name == SealName);
        long sealedAt = sealer is null || sealer.Position == info.FirstPosition ? -1 : sealer.Position;
        return LogVerifier.Verify(_queue, info, sealedAt, kept);
    }

    private SealState AtCursor(QueueTailer cursor)
    {
        long position = cursor.Position;
        if (cursor.TryRead(out QueueMessage message))
        {
            if (Message.TryView(message.Payload, message.Position, out LogSealRecord.View seal))
            {
                return SealState.Of(in seal, message.Position);
            }

            if (message.Sequence == 0)
            {
                return SealState.None;
            }
        }
        else if (position == _queue.GetInfo().FirstPosition)
        {
            return SealState.None;
        }

        throw new EstreamCorruptionException(
            $"The log '{_queue.Directory}' was sealed at position {position}, and no seal is there any more. Verify it, and restore it "
            + "from a copy.", _queue.Directory);
    }

    // The messages since a seal; null when there is none. A newer seal on the way is one whose maker was killed before the cursor was
    // moved.
    private SealState? Cover(ref SealState known)
    {
        using QueueTailer tailer = _queue.CreateTailer();
        using var digest = new SealDigest();
        while (true)
        {
            UnsealedSeek.GoBehind(tailer, known.Last);
            digest.Begin(known.Digest);
            long last = known.Last;
            long messages = known.Messages;
            bool isFresh = false;
            SealState? newer = null;
            while (newer is null && tailer.TryRead(out QueueMessage message))
            {
                bool isSeal = Message.TryView(message.Payload, message.Position, out LogSealRecord.View seal);
                if (isSeal && message.Position > known.Position && seal.Previous.SequenceEqual(known.Digest))
                {
                    newer = SealState.Of(in seal, message.Position);
                }

                isFresh |= !isSeal;
                digest.Add(in message);
                (last, messages) = (message.Position, messages + 1);
            }

            byte[] sum = digest.End();
            if (newer is null)
            {
                return isFresh ? new SealState(-1, last, messages, sum) : null;
            }

            known = newer;
        }
    }

    private static long Append(QueueAppender appender, SealState seal, ReadOnlySpan<byte> previous)
    {
        using AppendClaim claim = appender.Claim(LogSealRecord.MaxLength);
        LogSealRecord.Writer writer = LogSealRecord.Write(claim.Span);
        writer.Last = seal.Last;
        writer.Messages = seal.Messages;
        writer.SetPrevious(previous);
        writer.SetDigest(seal.Digest);
        claim.Commit(writer.Length);
        return claim.Position;
    }
}

/// <summary>What a full check of a log found.</summary>
/// <param name="Messages">Messages in the log that are whole, seals included.</param>
/// <param name="SealedMessages">How many of them seals cover: what is behind is covered by its checksums alone.</param>
/// <param name="LastSeal">The newest seal; <see langword="null"/> when there is none.</param>
/// <param name="Damage">What is wrong, or <see langword="null"/>.</param>
public sealed record LogVerification(long Messages, long SealedMessages, LogSeal? LastSeal, QueueDamage? Damage)
{
    /// <summary>Whether nothing is wrong.</summary>
    public bool IsWhole => Damage is null;
}

/// <summary>
/// What a log was when it was sealed. Kept elsewhere (another machine, paper), it shows later that the log still begins with exactly these
/// messages.
/// </summary>
/// <param name="Position">The position of the seal in the log.</param>
/// <param name="Messages">Messages before it that it covers, earlier seals included.</param>
/// <param name="Digest">SHA-256 of what it covers, chained over all seals before: 64 lower-case hexadecimal digits.</param>
public sealed record LogSeal(long Position, long Messages, string Digest);
