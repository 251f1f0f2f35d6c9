using Estream.Core;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams.Transactions;

/// <summary>
/// Reads a transaction log. The record whose sequence number equals the number of a transaction decides that transaction. If the record
/// belongs to another transaction or to none, the transaction was aborted: its process died, and a later record took the number.
/// </summary>
internal sealed class TransactionLog : IDisposable
{
    private readonly EstreamQueue _queue;
    private readonly QueueTailer _tailer;
    private readonly byte[] _id = new byte[TransactionId.Bytes];
    private readonly byte[] _decided = new byte[TransactionId.Bytes];
    private bool _hasId;
    private long _sought = -1;
    private long _read = -1;
    private bool _isCommitted;

    public TransactionLog(EstreamQueue queue)
    {
        _queue = queue;
        _tailer = queue.CreateTailer();
    }

    /// <summary>Returns the random id of a log, which is in its first record; null if the log has no record yet.</summary>
    public static byte[]? ReadId(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        return !tailer.TryRead(out QueueMessage message) ? null
            : Message.TryView(message.Payload, message.Position, out TransactionRecord.View record) ? record.Log.ToArray()
            : throw new EstreamFormatException($"'{queue.Directory}' is not a transaction log. Use a dedicated queue for transactions.",
                queue.Directory);
    }

    /// <summary>Returns the decision about the transaction of a message.</summary>
    /// <returns>True if it is committed, false if aborted; null while it is undecided.</returns>
    /// <exception cref="EstreamFormatException">The message belongs to a transaction of another log.</exception>
    /// <exception cref="EstreamStorageException">The log has reclaimed the record.</exception>
    public bool? IsCommitted(in TransactionPartRecord.View part)
    {
        RequireOwn(part.Log);
        long number = part.Number;
        if (number < 0)
        {
            return false;
        }

        if (_read != number && !TryReadRecord(number))
        {
            return null;
        }

        return _isCommitted && part.Transaction.SequenceEqual(_decided);
    }

    public void Dispose() => _tailer.Dispose();

    private bool TryReadRecord(long number)
    {
        if (_sought != number)
        {
            try
            {
                _tailer.SeekToSequence(number);
            }
            catch (ArgumentException)
            {
                // A power failure truncated the log; the record that will get this number belongs to another transaction.
                return false;
            }

            _sought = number;
        }

        if (!_tailer.TryRead(out QueueMessage message))
        {
            return false;
        }

        // The next look-up is probably for the next number, where the tailer already is.
        _sought = message.Sequence + 1;
        _read = number;
        _isCommitted = message.Sequence == number
            && Message.TryView(message.Payload, message.Position, out TransactionRecord.View record)
            && record.Kind == TransactionRecordKind.Committed
            && record.Transaction.TryCopyTo(_decided);
        return true;
    }

    private void RequireOwn(ReadOnlySpan<byte> log)
    {
        if (!_hasId && ReadId(_queue) is { } id)
        {
            id.CopyTo(_id, 0);
            _hasId = true;
        }

        if (!_hasId || !log.SequenceEqual(_id))
        {
            throw new EstreamFormatException(
                $"A message belongs to a transaction of log {Convert.ToHexStringLower(log)}, but '{_queue.Directory}' is another log. "
                + "Read the queue with the log that decides its transactions.", _queue.Directory);
        }
    }
}
