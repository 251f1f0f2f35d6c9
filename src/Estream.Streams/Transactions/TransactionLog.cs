using Estream.Core;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams.Transactions;

/// <summary>
/// What a log of transactions says: the record with the number of a transaction decides it. One that is of another transaction, or of none,
/// says that it was undone: its process died, and the next one took the number.
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

    /// <summary>The random name that a log has since its first record; null before.</summary>
    public static byte[]? ReadId(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        return !tailer.TryRead(out QueueMessage message) ? null
            : Message.TryView(message.Payload, message.Position, out TransactionRecord.View record) ? record.Log.ToArray()
            : throw new EstreamFormatException($"'{queue.Directory}' is no log of transactions. Give transactions a queue of their own.",
                queue.Directory);
    }

    /// <summary>What became of the transaction that a message belongs to.</summary>
    /// <returns>Whether it is committed; null as long as it is not decided.</returns>
    /// <exception cref="EstreamFormatException">The message belongs to transactions of another log.</exception>
    /// <exception cref="EstreamStorageException">The log has given up the record.</exception>
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
                // A power cut has taken the end of the log; what will have this number is another transaction.
                return false;
            }

            _sought = number;
        }

        if (!_tailer.TryRead(out QueueMessage message))
        {
            return false;
        }

        // The next one is probably the next number, at which the tailer stands already.
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
                $"A message belongs to a transaction of log {Convert.ToHexStringLower(log)}, and '{_queue.Directory}' is another one. "
                + "Read the queue with the log its transactions are decided in.", _queue.Directory);
        }
    }
}
