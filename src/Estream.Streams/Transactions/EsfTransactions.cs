using System.Security.Cryptography;
using Estream.Core;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Transactions;

namespace Estream.Streams;

/// <summary>
/// Appends messages to several queues such that all of them are seen, or none: also when this process is killed at any moment. The messages
/// go to their queues at once, and count when a record in a log of transactions says so; one append of that record shows them all.
/// </summary>
/// <remarks>
/// <para>Readers of the queues use an <see cref="EsfTransactionalTailer{TView}"/>; others pass the messages of transactions. A reader that
/// comes to a message of a transaction that is not decided waits there. A transaction whose process died is undone when somebody opens the
/// log again, and until then readers wait.</para>
/// <para>One thread at a time, one transaction at a time: the object holds the exclusive appender of the log. Several queues take part
/// through appenders of the caller's, shared ones if others append too.</para>
/// </remarks>
public sealed class EsfTransactions : IDisposable
{
    private readonly QueueAppender _log;
    private readonly byte[] _logId;
    private EsfTransaction? _open;
    private bool _isDisposed;

    /// <summary>Opens a log of transactions, which stays the caller's to dispose, and undoes what the last one to open it left
    /// undecided.</summary>
    /// <param name="log">A queue of its own, which nobody else appends to. It has to keep the record of a transaction as long as somebody
    /// reads its messages.</param>
    /// <exception cref="EstreamLeaseException">Somebody has it open.</exception>
    /// <exception cref="EstreamFormatException">The queue holds something else.</exception>
    /// <exception cref="InvalidOperationException">It was opened read-only.</exception>
    /// <exception cref="EstreamStorageException">The disk is full, or the device refused the record by which the log is opened.</exception>
    /// <remarks>Costs a flush of the log.</remarks>
    public EsfTransactions(EstreamQueue log)
    {
        ArgumentNullException.ThrowIfNull(log);
        _log = log.CreateAppender(AppenderMode.Exclusive);
        try
        {
            _logId = TransactionLog.ReadId(log) ?? RandomNumberGenerator.GetBytes(TransactionId.Bytes);

            // Takes the number of a transaction that was left undecided, and so decides it. It is on the device before any message of a
            // transaction can be: a log that a power cut took whole would get another name, and its messages in the queues would be those
            // of a stranger for ever.
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
    /// Whether all of it is on the device when the commit returns; then each message costs a flush. If not, a power cut (never a kill) may
    /// undo the transaction, or take some of its messages and leave others, since the kernel writes the files of several queues in any
    /// order.
    /// </param>
    /// <exception cref="InvalidOperationException">A transaction is open.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public EsfTransaction Begin(bool isDurable = false)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_open is not null)
        {
            throw new InvalidOperationException("A transaction is open. Commit or dispose it first; one log has one at a time.");
        }

        return _open = new EsfTransaction(this, _log.NextSequence, _logId, isDurable);
    }

    /// <summary>Undoes an open transaction, and lets somebody else open the log. Idempotent.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _open?.Dispose();
            _isDisposed = true;
            _log.Dispose();
        }
    }

    internal void Decide(EsfTransaction transaction, bool isCommitted, bool isDurable)
    {
        long number = Append(isCommitted ? TransactionRecordKind.Committed : TransactionRecordKind.Aborted, transaction.Id, isDurable);
        if (number != transaction.Number)
        {
            throw new EstreamCorruptionException(
                $"Transaction {transaction.Number} of '{Convert.ToHexStringLower(_logId)}' got record {number}: somebody else appends to "
                + "its log.", null);
        }
    }

    /// <summary>Whether its record is there, though it may not be on the device.</summary>
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
        TransactionRecord.Writer writer = TransactionRecord.Write(claim.Span);
        writer.Kind = kind;
        writer.SetLog(_logId);
        writer.SetTransaction(transaction);
        claim.Commit(writer.Length, isDurable ? Durability.Every : Durability.PageCache);
        return number;
    }
}
