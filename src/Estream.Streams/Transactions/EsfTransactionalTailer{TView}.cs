using Estream.Core;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Transactions;

namespace Estream.Streams;

/// <summary>
/// Reads a queue that takes part in transactions: messages of committed ones, from the moment of the commit on, and those that belong to
/// none; all in the order in which they were appended. It waits before a message whose transaction is not decided yet, and passes those
/// that were undone.
/// </summary>
/// <typeparam name="TView">The generated view.</typeparam>
/// <remarks>
/// One thread at a time, as its tailer, which may be of any kind: waiting before a message does not consume it. That a transaction is seen
/// as a whole is said of each queue and of when its messages can be read: at a moment, all of them or none. Who reads two queues reads them
/// one after the other, so of what was committed in between the second has more.
/// Costs a look more for each message; allocates nothing.
/// </remarks>
public sealed class EsfTransactionalTailer<TView> : IDisposable
    where TView : struct, IEsfView<TView>, allows ref struct
{
    private readonly TransactionLog _log;
    private readonly EsfUnsealer? _reader;
    private readonly EsfMessageFilter? _filter;

    /// <summary>Reads through a tailer, which stays the caller's to dispose.</summary>
    /// <param name="tailer">The tailer of a queue.</param>
    /// <param name="log">The log its transactions are decided in; may be opened read-only.</param>
    /// <param name="filter">Chooses messages by lattice and address; the others are passed. None by default.</param>
    /// <exception cref="ArgumentException">The filter chooses no message of the schema.</exception>
    /// <exception cref="InvalidOperationException">The schema declares another pattern.</exception>
    public EsfTransactionalTailer(QueueTailer tailer, EstreamQueue log, EsfMessageFilter? filter = null)
    {
        ArgumentNullException.ThrowIfNull(tailer);
        ArgumentNullException.ThrowIfNull(log);
        SchemaDeclarations.Require(TView.Schema, StreamPattern.Transaction);
        UnsealedMessage.Require<TView>(filter);
        Tailer = tailer;
        _filter = filter;
        _log = new TransactionLog(log);
    }

    /// <summary>Reads messages opened; where the reader is for certain audiences, those alone that are for them.</summary>
    /// <param name="tailer">The tailer of a queue.</param>
    /// <param name="log">The log its transactions are decided in.</param>
    /// <param name="reader">Opens them, and nothing else meanwhile. It stays the caller's to dispose.</param>
    /// <param name="filter">As without a reader.</param>
    /// <exception cref="ArgumentException">The reader is of another schema, or the filter chooses no message of it.</exception>
    /// <exception cref="InvalidOperationException">The schema declares another pattern.</exception>
    public EsfTransactionalTailer(QueueTailer tailer, EstreamQueue log, EsfUnsealer reader, EsfMessageFilter? filter = null)
        : this(tailer, log, filter)
    {
        UnsealedMessage.Require<TView>(reader);
        _reader = reader;
    }

    /// <summary>The tailer: seek and commit with it. A wait with it ends at once before a message whose transaction is not
    /// decided.</summary>
    public QueueTailer Tailer { get; }

    /// <summary>How many messages were passed: of other schemas and addresses, for other audiences, and of transactions that were
    /// undone.</summary>
    public long Passed { get; private set; }

    /// <summary>Whether the last read found a message whose transaction is not decided yet.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>Reads the next message, if there is one that counts.</summary>
    /// <param name="message">The message; valid until the next call on the tailer.</param>
    /// <returns>Whether there was one. If not, none was appended, or the next one is not decided: <see cref="IsWaiting"/>.</returns>
    /// <exception cref="EstreamFormatException">The next message cannot be read, and the next call goes on behind it; or it belongs to
    /// transactions of another log or a later version, and stays the next one.</exception>
    /// <exception cref="EstreamCorruptionException">What is there is not a message of the queue; file and offset are named.</exception>
    /// <exception cref="EstreamStorageException">The position was reused by retention, or the log has given up what became of a
    /// transaction.</exception>
    public bool TryRead(out EsfMessage<TView> message)
    {
        IsWaiting = false;
        while (Tailer.TryPeek(out QueueMessage next))
        {
            ReadOnlySpan<byte> payload = next.Payload;
            bool isPart = Message.TryView(payload, next.Position, out TransactionPartRecord.View part);
            bool? isCommitted = isPart ? _log.IsCommitted(in part) : true;
            if (isCommitted is null)
            {
                IsWaiting = true;
                break;
            }

            _ = Tailer.TryRead(out next);
            if (isCommitted.Value
                && UnsealedMessage.TryView(_reader, _filter, isPart ? part.Message : payload, next.Position, out TView view))
            {
                message = new EsfMessage<TView>(view, next);
                return true;
            }

            Passed++;
        }

        message = default;
        return false;
    }

    /// <summary>Leaves the log. Idempotent.</summary>
    public void Dispose() => _log.Dispose();
}
