using System.Security.Cryptography;
using Estream.Core;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Transactions;

namespace Estream.Streams;

/// <summary>
/// Appends messages to several queues so that all or none become visible, even if this process crashes at any moment. The messages are
/// written to their queues immediately, and become visible when a record in a transaction log commits them; a single append of that record
/// makes all of them visible.
/// </summary>
/// <remarks>
/// <para>Readers of the queues use an <see cref="EsfTransactionalTailer{TView}"/>; other readers skip the messages of transactions. A
/// reader that reaches a message of an undecided transaction waits there. A transaction whose process died is aborted when the log is next
/// opened; until then, readers wait.</para>
/// <para>Not thread-safe: use it on one thread at a time, with one transaction at a time. The object holds the exclusive appender of the
/// log. The queues take part through appenders of the caller; use shared ones if other writers append too.</para>
/// </remarks>
public sealed class EsfTransactions : IDisposable
{
    private readonly QueueAppender _log;
    private readonly byte[] _logId;
    private EsfTransaction? _open;
    private bool _isDisposed;

    /// <summary>Opens a transaction log, and aborts a transaction that its previous owner left undecided. The caller still disposes the
    /// queue.</summary>
    /// <param name="log">A dedicated queue, to which nothing else appends. It must retain the record of a transaction as long as the
    /// transaction's messages are read.</param>
    /// <exception cref="EstreamLeaseException">The log is open elsewhere.</exception>
    /// <exception cref="EstreamFormatException">The queue is not a transaction log.</exception>
    /// <exception cref="InvalidOperationException">The queue was opened read-only.</exception>
    /// <exception cref="EstreamStorageException">The disk is full, or flushing the record that opens the log failed.</exception>
    /// <remarks>Costs a flush of the log.</remarks>
    public EsfTransactions(EstreamQueue log)
    {
        ArgumentNullException.ThrowIfNull(log);
        _log = log.CreateAppender(AppenderMode.Exclusive);
        try
        {
            _logId = TransactionLog.ReadId(log) ?? RandomNumberGenerator.GetBytes(TransactionId.Bytes);

            // This record takes the number of a transaction that was left undecided, and so aborts that transaction. The record must be
            // durable before any message of a transaction can be durable: if a power failure lost the whole log, the log would get a new
            // id, and messages of its transactions would belong to an unknown log forever.
            _ = Append(TransactionRecordKind.Opened, new byte[TransactionId.Bytes], isDurable: true);
        }
        catch
        {
            _log.Dispose();
            throw;
        }
    }

    /// <summary>Begins a transaction. Dispose it, committed or not, before the next one.</summary>
    /// <param name="isDurable">
    /// True if the whole transaction must be durable when the commit returns; each message then costs a flush. If false, a power failure
    /// (but never a process crash) may undo the transaction, or lose some of its messages and keep others, because the kernel writes the
    /// files of several queues in any order.
    /// </param>
    /// <exception cref="InvalidOperationException">A transaction is open.</exception>
    /// <exception cref="ObjectDisposedException">The object is disposed.</exception>
    public EsfTransaction Begin(bool isDurable = false)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_open is not null)
        {
            throw new InvalidOperationException("A transaction is open. Commit or dispose it first; a log has one transaction at a time.");
        }

        return _open = new EsfTransaction(this, _log.NextSequence, _logId, isDurable);
    }

    /// <summary>Aborts an open transaction, and releases the log. Idempotent.</summary>
    /// <exception cref="EstreamStorageException">The record that aborts the transaction could not be appended to the log. The log is
    /// released; the next opening of the log aborts the transaction.</exception>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            try
            {
                _open?.Dispose();
            }
            finally
            {
                _log.Dispose();
            }
        }
    }

    /// <summary>Begins a transaction that reuses the memory of a transaction that has ended; null to allocate the memory.</summary>
    internal EsfTransaction Begin(EsfTransaction? ended)
    {
        if (ended is null)
        {
            return Begin();
        }

        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ended.Restart(_log.NextSequence);
        return _open = ended;
    }

    /// <summary>Commits a transaction and, in the same step, marks every message that a tailer has read as consumed.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="consumed">A tailer that commits through the log: <see cref="EstreamQueue.CreateTailer(string, EstreamQueue)"/>.</param>
    internal void Commit(EsfTransaction transaction, QueueTailer consumed)
    {
        long number = _log.NextSequence;
        using (BatchClaim batch = _log.ClaimBatch(TransactionRecord.MaxLength, maxMessages: 1, consumed))
        {
            batch.Add(Write(batch.Span, TransactionRecordKind.Committed, transaction.Id));
            batch.Commit();
        }

        RequireNumber(transaction, number);
    }

    /// <summary>Marks every message that a tailer has read as consumed, without a transaction.</summary>
    internal void Consume(QueueTailer consumed)
    {
        using BatchClaim batch = _log.ClaimBatch(maxBytes: 1, maxMessages: 1, consumed);
        batch.Commit();
    }

    internal void Decide(EsfTransaction transaction, bool isCommitted, bool isDurable)
    {
        long number = Append(isCommitted ? TransactionRecordKind.Committed : TransactionRecordKind.Aborted, transaction.Id, isDurable);
        RequireNumber(transaction, number);
    }

    private void RequireNumber(EsfTransaction transaction, long number)
    {
        if (number != transaction.Number)
        {
            throw new EstreamCorruptionException(
                $"Transaction {transaction.Number} of '{Convert.ToHexStringLower(_logId)}' got record {number}: another program appends to "
                + "its log.", null);
        }
    }

    /// <summary>Returns true if the record of the transaction was appended; it may not be durable yet.</summary>
    internal bool IsDecided(EsfTransaction transaction) => _log.NextSequence > transaction.Number;

    internal void Close(EsfTransaction transaction)
    {
        if (_open == transaction)
        {
            _open = null;
        }
    }

    private long Append(TransactionRecordKind kind, ReadOnlySpan<byte> transaction, bool isDurable)
    {
        long number = _log.NextSequence;
        using AppendClaim claim = _log.Claim(TransactionRecord.MaxLength);
        claim.Commit(Write(claim.Span, kind, transaction), isDurable ? Durability.Every : Durability.PageCache);
        return number;
    }

    private int Write(Span<byte> place, TransactionRecordKind kind, ReadOnlySpan<byte> transaction)
    {
        TransactionRecord.Writer writer = TransactionRecord.Write(place);
        writer.Kind = kind;
        writer.SetLog(_logId);
        writer.SetTransaction(transaction);
        return writer.Length;
    }
}
