using Estream.Core;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Log;

namespace Estream.Streams;

/// <summary>
/// A queue used as a permanent record: no message is ever reclaimed, whatever retention limits the queue is opened with, and
/// <see cref="Verify"/> detects changes and truncation. Appending and reading work as with any queue.
/// </summary>
/// <remarks>
/// <para>A <see cref="Seal"/> is a message with a digest of everything before it. Without seals, <see cref="Verify"/> finds only what the
/// checksums of the queue detect: damage, but neither truncation between two messages nor a change whose author also corrects the checksum.
/// With seals it also finds such a truncation or change, if it is before the newest seal. An attacker who can write the files and
/// recomputes all seals is detected only by a seal that was kept elsewhere.</para>
/// <para>Thread-safe; only one seal is created at a time, across processes.</para>
/// </remarks>
public sealed class EsfLog
{
    /// <summary>The prefix of the names of the tailers that retain the messages of a log. Remove these tailers from a queue that was a
    /// log before: <c>estream queue remove-tailer</c>.</summary>
    public const string TailerPrefix = "estream.log";

    private const string KeeperName = TailerPrefix;
    private const string SealName = TailerPrefix + "-seal";

    private readonly EstreamQueue _queue;

    /// <summary>Turns a queue into a permanent log, or opens an existing log. The caller still disposes the queue.</summary>
    /// <param name="queue">The queue. A queue opened read-only can be verified but not sealed.</param>
    /// <exception cref="EstreamStorageException">The queue has already reclaimed messages, or the directory is not writable.</exception>
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
    /// Seals the messages in the log. Reads all messages since the last seal, so call it occasionally rather than after each message, from
    /// a thread that is not time-critical. Other writers can append meanwhile.
    /// </summary>
    /// <param name="appender">An appender of the queue.</param>
    /// <returns>The seal, to be kept elsewhere too; the newest existing seal if nothing was appended since; <see langword="null"/> for an
    /// empty log.</returns>
    /// <exception cref="EstreamLeaseException">Another seal is in progress.</exception>
    /// <exception cref="EstreamCorruptionException">The log was truncated or damaged; see <see cref="Verify"/>.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be created. Try again later.</exception>
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
                // Moves the cursor past the seal, because the process may have died after it appended the seal.
                cursor.Seek(known.Position);
            }

            return known.ToSeal();
        }

        long position = Append(appender, next, known.Digest);
        cursor.Seek(position);
        return (next with { Position = position }).ToSeal();
    }

    /// <summary>
    /// Reads every message and reports the first damage: damage that the checksums of the queue detect, messages missing at either end or
    /// in between, and seals that do not match the messages they cover. Repairs nothing. Reads the log three times.
    /// </summary>
    /// <param name="kept">A seal that was kept elsewhere; the log must contain it.</param>
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
            $"The log '{_queue.Directory}' was sealed at position {position}, but there is no seal there. Verify it, and restore it "
            + "from a copy.", _queue.Directory);
    }

    // Returns the state of a seal over the messages that the known seal does not cover; null if only seals follow it. If a process
    // crashed after it appended a newer seal and before it moved the cursor, the newer seal becomes the known seal.
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

/// <summary>The result of a full verification of a log.</summary>
/// <param name="Messages">The number of intact messages in the log, including seals.</param>
/// <param name="SealedMessages">How many of the messages are covered by seals; later messages are covered by their checksums only.</param>
/// <param name="LastSeal">The newest seal; <see langword="null"/> if there is none.</param>
/// <param name="Damage">The first damage found, or <see langword="null"/>.</param>
public sealed record LogVerification(long Messages, long SealedMessages, LogSeal? LastSeal, QueueDamage? Damage)
{
    /// <summary>True if no damage was found.</summary>
    public bool IsWhole => Damage is null;
}

/// <summary>
/// The state of a log when it was sealed. Kept elsewhere (on another machine, on paper), it later proves that the log still starts with
/// exactly these messages.
/// </summary>
/// <param name="Position">The position of the seal in the log.</param>
/// <param name="Messages">The number of messages before the seal that it covers, including earlier seals.</param>
/// <param name="Digest">SHA-256 of the covered messages, chained over all earlier seals: 64 lower-case hexadecimal digits.</param>
public sealed record LogSeal(long Position, long Messages, string Digest);
