using Estream.Core;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams;

/// <summary>
/// Reads approved items in the order of their approvals, each once. Undecided and rejected items are not in the curated queue, and messages
/// appended to it without an approval are skipped.
/// </summary>
/// <typeparam name="TView">The generated view.</typeparam>
/// <remarks>
/// Not thread-safe: use it on one thread at a time, like its tailer. An item and its approval are one message, so the guarantees of the
/// tailer for messages hold for items: a named tailer delivers each at least once across crashes, and a tailer that consumes into another
/// queue (<see cref="EstreamQueue.CreateTailer(string, EstreamQueue)"/>) exactly once. Allocates nothing.
/// </remarks>
public sealed class EsfModeratedTailer<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    private readonly EsfUnsealer? _reader;
    private readonly EsfMessageFilter? _filter;

    /// <summary>Creates a typed tailer over a tailer of the curated queue. The caller still disposes the queue tailer.</summary>
    /// <param name="tailer">The queue tailer.</param>
    /// <param name="filter">Selects items by lattice and address; the rest are skipped. No filter by default.</param>
    /// <exception cref="ArgumentException">The filter matches no message of the schema.</exception>
    /// <exception cref="InvalidOperationException">The schema declares another pattern.</exception>
    public EsfModeratedTailer(QueueTailer tailer, EsfMessageFilter? filter = null)
    {
        ArgumentNullException.ThrowIfNull(tailer);
        SchemaDeclarations.Require(TView.Schema, StreamPattern.Curated);
        UnsealedMessage.Require<TView>(filter);
        Tailer = tailer;
        _filter = filter;
    }

    /// <summary>Creates a typed tailer that unseals items. An unsealer for certain audiences reads only the items for them.</summary>
    /// <param name="tailer">The queue tailer.</param>
    /// <param name="reader">Unseals the items. Nothing else may use it while this tailer is in use. The caller still disposes it.</param>
    /// <param name="filter">Selects items by lattice and address; the rest are skipped. No filter by default.</param>
    /// <exception cref="ArgumentException">The unsealer belongs to another schema, or the filter matches no message of the
    /// schema.</exception>
    /// <exception cref="InvalidOperationException">The schema declares another pattern.</exception>
    public EsfModeratedTailer(QueueTailer tailer, EsfUnsealer reader, EsfMessageFilter? filter = null)
        : this(tailer, filter)
    {
        UnsealedMessage.Require<TView>(reader);
        _reader = reader;
    }

    /// <summary>The queue tailer. Use it to seek, commit, and wait.</summary>
    public QueueTailer Tailer { get; }

    /// <summary>The number of skipped messages: messages that do not approve an item of this schema, and items of other addresses or for
    /// other audiences.</summary>
    public long Passed { get; private set; }

    /// <summary>Reads the next approved item, if there is one.</summary>
    /// <param name="item">The item; valid until the next call on the tailer.</param>
    /// <returns>True if there was an item.</returns>
    /// <exception cref="EstreamFormatException">The next decision, or the item in it, cannot be read. The next call continues after
    /// it.</exception>
    /// <exception cref="EstreamCorruptionException">The bytes at the position are not a message of the queue; the exception names the file
    /// and offset.</exception>
    /// <exception cref="EstreamStorageException">Retention has deleted the message at the position, or a segment cannot be
    /// opened.</exception>
    public bool TryRead(out EsfModerated<TView> item)
    {
        while (Tailer.TryRead(out QueueMessage message))
        {
            if (Message.TryView(message.Payload, message.Position, out CuratedDecisionRecord.View decision)
                && decision.Verdict == CuratedVerdict.Approved && decision.HasItem
                && UnsealedMessage.TryView(_reader, _filter, decision.Item, message.Position, out TView view))
            {
                item = new EsfModerated<TView>(view, decision.Approver, decision.Proposal, message.Position, message.Time);
                return true;
            }

            Passed++;
        }

        item = default;
        return false;
    }
}
