using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Operators;
using Estream.Streams.Transactions;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Appends messages to several queues in transactions. The sink is the transaction log.</summary>
/// <param name="Taken">The schema of the messages that the pipeline reads.</param>
/// <param name="Outputs">The queues, by <see cref="Record.Output"/>.</param>
internal sealed record TransactionOperator(EsfSchema Taken, IReadOnlyList<string> Outputs)
    : TerminalOperator(Taken, TransactionRecord.Schema)
{
    public override bool HasState => false;

    public override bool OwnsSink => true;

    public override IEnumerable<(string Queue, EsfSchema Schema)> MoreQueues =>
        Outputs.Select(queue => (queue, TransactionPartRecord.Schema));

    public override IEnumerable<RequiredValue> NeedsOfOperator => [];

    public override int MaxBytes(Sink sink, int maxBytes) => maxBytes;

    public override EsfPipeline Begin(EsfStream<Record> stream, PipelineContext opening, Sink sink)
    {
        EstreamQueue[] outputs = [.. Outputs.Select(opening.Resources.Queue)];
        foreach (EstreamQueue output in outputs)
        {
            OutputQueue.Require(output, opening.MaxBytes + TransactionPartRecord.FixedLength);
        }

        TransactionEnd end = new(opening.Resources.Queue(sink.Queue!), outputs);
        return stream.BeginSideOutput(opening.Name, end, new TransactionStage(end));
    }
}

/// <summary>Buffers messages for the next transaction.</summary>
internal sealed class TransactionStage(TransactionEnd end) : Stage<Record>
{
    public override void Push(scoped in Record item, scoped in QueueMessage message) =>
        end.Write(item.Output, item.Message, message.Position);
}

/// <summary>
/// The end of a pipeline that writes to several queues. A transaction contains all results of some source messages. The record that commits
/// the transaction also commits the input position, so either both are stored or neither is.
/// </summary>
internal sealed class TransactionEnd : PipelineEnd
{
    // A transaction ends after the source message that reaches one of these limits.
    private const int UsualMessages = 256;
    private const int UsualBytes = 64 * 1024;
    private const long NoMessage = -1;

    private readonly EstreamQueue _log;
    private readonly QueueAppender[] _appenders;
    private readonly EsfTransactions _transactions;
    private EsfTransaction? _transaction;
    private byte[] _bytes = new byte[UsualBytes];
    private (int Output, int Length)[] _messages = new (int, int)[UsualMessages];
    private ResultCount _results;
    private int _count;
    private int _used;
    private int _markedCount;
    private int _markedUsed;

    // The position of the source message that yielded the last results.
    private long _begun = NoMessage;

    // True while the transaction is open, also after a failed attempt. The transaction then contains the first _appendedBytes bytes.
    private bool _isOpen;
    private int _appendedBytes;

    /// <exception cref="EstreamLeaseException">Another program appends to the log.</exception>
    /// <exception cref="EstreamFormatException">The queue is not a transaction log.</exception>
    public TransactionEnd(EstreamQueue log, IReadOnlyList<EstreamQueue> outputs)
    {
        _log = log;
        _transactions = new EsfTransactions(log);
        _appenders = new QueueAppender[outputs.Count];
        try
        {
            for (int output = 0; output < outputs.Count; output++)
            {
                _appenders[output] = outputs[output].CreateAppender();
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override ResultCount Results => _results;

    public override long BufferBytes => _bytes.Length;

    public override bool IsHolding => _count > 0;

    public override QueueTailer OpenTailer(EstreamQueue queue, string name) => queue.CreateTailer(name, _log);

    /// <summary>Buffers a message for an output.</summary>
    /// <param name="output">The index of the output.</param>
    /// <param name="message">The message.</param>
    /// <param name="position">The position of the source message.</param>
    public void Write(int output, ReadOnlySpan<byte> message, long position)
    {
        if (position != _begun)
        {
            (_begun, _markedCount, _markedUsed) = (position, _count, _used);
        }

        if (_bytes.Length - _used < message.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_used + message.Length, 2 * _bytes.Length));
        }

        if (_count == _messages.Length)
        {
            Array.Resize(ref _messages, 2 * _count);
        }

        message.CopyTo(_bytes.AsSpan(_used));
        _messages[_count++] = (output, message.Length);
        _used += message.Length;
        SetFull();
    }

    /// <inheritdoc/>
    public override bool Refuse(QueueTailer tailer, long position)
    {
        // Discards the results of the earlier routes, because the message is read again and takes all its routes again.
        if (position == _begun)
        {
            (_count, _used, _begun) = (_markedCount, _markedUsed, NoMessage);
            SetFull();
        }

        return base.Refuse(tailer, position);
    }

    public override void Commit(QueueTailer tailer)
    {
        if (_count == 0)
        {
            _transactions.Consume(tailer);
            _begun = NoMessage;
            return;
        }

        if (!_isOpen)
        {
            (_transaction, _isOpen, _appendedBytes) = (_transactions.Begin(_transaction), true, 0);
        }

        CommitOpen(_transaction!, tailer);
        _results = _results.And(_count, _used);
        (_count, _used, _markedCount, _markedUsed, _begun) = (0, 0, 0, 0, NoMessage);
        SetFull();
    }

    public override void StartOver(QueueTailer tailer) =>
        throw new NotSupportedException(
            "The results of a transaction cannot be discarded. Open the pipeline under another name, with other queues.");

    public override void Dispose()
    {
        foreach (QueueAppender? appender in _appenders)
        {
            appender?.Dispose();
        }

        try
        {
            _transactions.Dispose();
        }
        catch (EstreamStorageException)
        {
            // The log has no space for the record that aborts the open transaction. The next opening of the log aborts the transaction.
        }

        base.Dispose();
    }

    // After a failure that appended nothing, the transaction stays open, and the next attempt continues at the message that failed. Each
    // attempt would otherwise append the messages again to the queues that accept them, and fill these queues with aborted messages.
    private void CommitOpen(EsfTransaction transaction, QueueTailer tailer)
    {
        int appended = transaction.Count;
        try
        {
            for (; appended < _count; appended++)
            {
                (int output, int length) = _messages[appended];
                _ = transaction.Append(_appenders[output], _bytes.AsSpan(_appendedBytes, length));
                _appendedBytes += length;
            }

            transaction.CommitWith(tailer);
            _isOpen = false;
        }
        catch when (transaction.Count != appended || _transactions.IsDecided(transaction))
        {
            // It is unknown whether the last append succeeded. The next attempt uses another transaction.
            _isOpen = false;
            transaction.Dispose();
            throw;
        }
    }

    private void SetFull() => IsFull = _count >= UsualMessages || _used >= UsualBytes;
}
