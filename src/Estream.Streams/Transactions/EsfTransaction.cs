using System.Security.Cryptography;
using Estream.Core;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Transactions;

namespace Estream.Streams;

/// <summary>
/// Messages for several queues that become visible all at once or not at all. <see cref="Append"/> messages; <see cref="Commit"/> makes
/// them visible in all queues with one append to the transaction log. Disposing without committing aborts the transaction.
/// </summary>
/// <remarks>Use it on the thread of its <see cref="EsfTransactions"/>. Nothing is buffered in memory: when the append returns, the message
/// is in its queue, not yet visible.</remarks>
public sealed class EsfTransaction : IDisposable
{
    /// <summary>The maximum number of messages in a transaction.</summary>
    public const int MaxMessages = 65_536;

    private readonly EsfTransactions _transactions;
    private readonly byte[] _logId;
    private readonly bool _isDurable;
    private byte[] _buffer = [];
    private SealingSpace? _space;
    private bool _isOver;

    internal EsfTransaction(EsfTransactions transactions, long number, byte[] logId, bool isDurable)
    {
        _transactions = transactions;
        _logId = logId;
        _isDurable = isDurable;
        Number = number;
        Id = RandomNumberGenerator.GetBytes(TransactionId.Bytes);
    }

    /// <summary>The number of messages appended so far.</summary>
    public int Count { get; private set; }

    internal long Number { get; private set; }

    internal byte[] Id { get; }

    /// <summary>Starts a message; fields that are not set stay absent or zero. The transaction holds the message in memory until the
    /// message is appended.</summary>
    /// <param name="maxLength">The maximum length of the plaintext message in bytes, header included.</param>
    /// <param name="sealer">Seals the private fields of the schema; required if the schema has any. The caller still disposes it.</param>
    /// <typeparam name="TWriter">The generated writer.</typeparam>
    /// <exception cref="ArgumentException">The shortest message is longer than <paramref name="maxLength"/>; or the schema has private
    /// fields and <paramref name="sealer"/> is null or belongs to another schema.</exception>
    /// <exception cref="InvalidOperationException">The transaction has ended, or the schema declares another pattern.</exception>
    public TWriter Begin<TWriter>(int maxLength, EsfSealer? sealer = null)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
    {
        RequireOpen();
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, EsfMessageHeader.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxLength, EsfLimits.MaxMessageBytes);
        SchemaDeclarations.Require(TWriter.Schema, StreamPattern.Transaction);
        _space?.Clear();
        _space = SealingSpace.For<TWriter>(sealer, _space);
        if (_space is not null)
        {
            return TWriter.Begin(_space.Take(maxLength));
        }

        if (_buffer.Length < maxLength)
        {
            _buffer = new byte[maxLength];
        }

        return TWriter.Begin(_buffer.AsSpan(0, maxLength));
    }

    /// <summary>Appends the written message to a queue, not visible until the commit.</summary>
    /// <param name="target">An appender of the queue; not that of the transaction log.</param>
    /// <param name="writer">The writer that <see cref="Begin"/> returned last, with every required field set.</param>
    /// <typeparam name="TWriter">The generated writer.</typeparam>
    /// <returns>The position of the message.</returns>
    /// <exception cref="ArgumentException">The writer belongs to another message, or the message does not fit in the queue.</exception>
    /// <exception cref="InvalidOperationException">The transaction has ended, or already has <see cref="MaxMessages"/> messages; or a claim
    /// of the appender is open.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be created. Nothing was appended; try again, or
    /// dispose the transaction.</exception>
    public long Append<TWriter>(QueueAppender target, scoped in TWriter writer)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
    {
        if (_space is null)
        {
            return Append(target, _buffer.AsSpan(0, Message.LengthOf(in writer, _buffer)));
        }

        int length = Message.LengthOf(in writer, _space.Taken);
        int most = _space.MaxSealedLength(length);
        if (_buffer.Length < most)
        {
            _buffer = new byte[most];
        }

        return Append(target, _buffer.AsSpan(0, _space.Seal(length, _buffer)));
    }

    /// <summary>Appends a message to a queue, not visible until the commit. Private fields of its schema must already be sealed.</summary>
    /// <param name="target">An appender of the queue; not that of the transaction log.</param>
    /// <param name="message">The message.</param>
    /// <returns>The position of the message.</returns>
    /// <exception cref="ArgumentException">The message does not fit in the queue.</exception>
    /// <exception cref="InvalidOperationException">The transaction has ended, or already has <see cref="MaxMessages"/> messages; or a claim
    /// of the appender is open.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be created. Nothing was appended; try again, or
    /// dispose the transaction.</exception>
    public long Append(QueueAppender target, ReadOnlySpan<byte> message)
    {
        ArgumentNullException.ThrowIfNull(target);
        RequireOpen();
        if (Count == MaxMessages)
        {
            throw new InvalidOperationException($"A transaction has at most {MaxMessages} messages. Split it into several.");
        }

        using AppendClaim claim = target.Claim(TransactionPartRecord.FixedLength + message.Length);
        TransactionPartRecord.Writer writer = TransactionPartRecord.Write(claim.Span);
        writer.Number = Number;
        writer.SetLog(_logId);
        writer.SetTransaction(Id);
        writer.SetMessage(message);

        // From here on, readers may wait for the decision of this transaction.
        Count++;
        claim.Commit(writer.Length, _isDurable ? Durability.Every : Durability.PageCache);
        return claim.Position;
    }

    /// <summary>Makes all messages visible at once.</summary>
    /// <exception cref="InvalidOperationException">The transaction has ended.</exception>
    /// <exception cref="EstreamStorageException">The record could not be appended to the log, and the transaction is still open; or the
    /// flush failed, and the transaction is committed but may not be durable.</exception>
    public void Commit()
    {
        RequireOpen();
        try
        {
            _transactions.Decide(this, isCommitted: true, _isDurable);
        }
        catch (EstreamStorageException) when (_transactions.IsDecided(this))
        {
            End();
            throw;
        }

        End();
    }

    /// <summary>Aborts the transaction if it was not committed. Idempotent.</summary>
    /// <exception cref="EstreamStorageException">The record could not be appended to the log; the transaction is aborted when the log is
    /// next opened.</exception>
    public void Dispose()
    {
        if (!_isOver)
        {
            End();
            if (Count > 0)
            {
                _transactions.Decide(this, isCommitted: false, isDurable: false);
            }
        }
    }

    /// <summary>Commits like <see cref="Commit"/> and, in the same step, marks every message that a tailer has read as
    /// consumed.</summary>
    internal void CommitWith(QueueTailer consumed)
    {
        RequireOpen();
        _transactions.Commit(this, consumed);
        End();
    }

    /// <summary>Begins another transaction in the memory of this transaction, which must have ended.</summary>
    internal void Restart(long number)
    {
        (Number, Count, _isOver) = (number, 0, false);
        RandomNumberGenerator.Fill(Id);
    }

    private void End()
    {
        _isOver = true;
        _space?.Clear();
        _transactions.Close(this);
    }

    private void RequireOpen()
    {
        if (_isOver)
        {
            throw new InvalidOperationException("This transaction has ended: it was committed or disposed. Begin another one.");
        }
    }
}
