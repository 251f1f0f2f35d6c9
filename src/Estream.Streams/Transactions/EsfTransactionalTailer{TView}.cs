using Estream.Core;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Transactions;

namespace Estream.Streams;

/// <summary>
/// Reads a queue that takes part in transactions: messages of committed transactions, visible from the commit on, and messages outside of
/// transactions; all in the order in which they were appended. The tailer waits at a message whose transaction is undecided, and skips
/// messages of aborted transactions.
/// </summary>
/// <typeparam name="TView">The generated view.</typeparam>
/// <remarks>
/// Not thread-safe: use it on one thread at a time, like its tailer, which may be of any kind: waiting at a message does not consume it.
/// The messages of a transaction become readable at one moment, all or none. A reader of two queues reads one queue after the other, so it
/// sees a transaction that was committed in between only in the second queue. Each message costs one more look-up; nothing is allocated.
/// </remarks>
public sealed class EsfTransactionalTailer<TView> : IDisposable
    where TView : struct, IEsfView<TView>, allows ref struct
{
    private readonly TransactionLog _log;
    private readonly EsfUnsealer? _reader;
    private readonly EsfMessageFilter? _filter;

    /// <summary>Creates a typed tailer over a queue tailer. The caller still disposes the queue tailer.</summary>
    /// <param name="tailer">The tailer of a queue.</param>
    /// <param name="log">The transaction log in which its transactions are decided; may be opened read-only.</param>
    /// <param name="filter">Selects messages by lattice and address; the rest are skipped. No filter by default.</param>
    /// <exception cref="ArgumentException">The filter matches no message of the schema.</exception>
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

    /// <summary>Creates a typed tailer that unseals messages. An unsealer for certain audiences reads only the messages for them.</summary>
    /// <param name="tailer">The tailer of a queue.</param>
    /// <param name="log">The transaction log in which its transactions are decided; may be opened read-only.</param>
    /// <param name="reader">Unseals the messages. Nothing else may use it while this tailer is in use. The caller still disposes
    /// it.</param>
    /// <param name="filter">Selects messages by lattice and address; the rest are skipped. No filter by default.</param>
    /// <exception cref="ArgumentException">The unsealer belongs to another schema, or the filter matches no message of the
    /// schema.</exception>
    /// <exception cref="InvalidOperationException">The schema declares another pattern.</exception>
    public EsfTransactionalTailer(QueueTailer tailer, EstreamQueue log, EsfUnsealer reader, EsfMessageFilter? filter = null)
        : this(tailer, log, filter)
    {
        UnsealedMessage.Require<TView>(reader);
        _reader = reader;
    }

    /// <summary>The queue tailer. Use it to seek and commit. A wait on it returns immediately at a message whose transaction is
    /// undecided.</summary>
    public QueueTailer Tailer { get; }

    /// <summary>The number of skipped messages: messages of other schemas or addresses, for other audiences, and of aborted
    /// transactions.</summary>
    public long Passed { get; private set; }

    /// <summary>True if the last read found a message whose transaction is undecided.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>Reads the next visible message, if there is one.</summary>
    /// <param name="message">The message; valid until the next call on the tailer.</param>
    /// <returns>True if there was a message. If false, none was appended, or the transaction of the next one is undecided:
    /// <see cref="IsWaiting"/>.</returns>
    /// <exception cref="EstreamFormatException">The next message cannot be read, and the next call continues after it; or it belongs to a
    /// transaction of another log or a later version, and the next call reads it again.</exception>
    /// <exception cref="EstreamCorruptionException">The bytes at the position are not a message of the queue; the exception names the file
    /// and offset.</exception>
    /// <exception cref="EstreamStorageException">Retention has deleted the message at the position, or the log has reclaimed the record
    /// that decided a transaction.</exception>
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

    /// <summary>Closes the transaction log. Idempotent.</summary>
    public void Dispose() => _log.Dispose();
}
