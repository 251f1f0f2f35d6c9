using Estream.Core;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams;

/// <summary>
/// Reads what was approved, in the order of the approvals, each item once. What waits for a decision or was rejected is not here to be
/// read, and a message that somebody appends to the curated queue without an approval is passed.
/// </summary>
/// <typeparam name="TView">The generated view.</typeparam>
/// <remarks>
/// One thread at a time, as its tailer. An item and its approval are one message, so whatever the tailer promises for messages holds for
/// items: with a named tailer each comes at least once across kills, with one that consumes into another queue
/// (<see cref="EstreamQueue.CreateTailer(string, EstreamQueue)"/>) exactly once. Allocates nothing.
/// </remarks>
public sealed class EsfModeratedTailer<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    private readonly EsfUnsealer? _reader;
    private readonly EsfMessageFilter? _filter;

    /// <summary>Reads through a tailer of the curated queue, which stays the caller's to dispose.</summary>
    /// <param name="tailer">The tailer.</param>
    /// <param name="filter">Chooses items by lattice and address; the others are passed. None by default.</param>
    /// <exception cref="ArgumentException">The filter chooses no message of the schema.</exception>
    /// <exception cref="InvalidOperationException">The schema declares another pattern.</exception>
    public EsfModeratedTailer(QueueTailer tailer, EsfMessageFilter? filter = null)
    {
        ArgumentNullException.ThrowIfNull(tailer);
        SchemaDeclarations.Require(TView.Schema, StreamPattern.Curated);
        UnsealedMessage.Require<TView>(filter);
        Tailer = tailer;
        _filter = filter;
    }

    /// <summary>Reads items opened; where the reader is for certain audiences, those alone that are for them.</summary>
    /// <param name="tailer">The tailer.</param>
    /// <param name="reader">Opens them, and nothing else meanwhile. It stays the caller's to dispose.</param>
    /// <param name="filter">As without a reader.</param>
    /// <exception cref="ArgumentException">The reader is of another schema, or the filter chooses no message of it.</exception>
    /// <exception cref="InvalidOperationException">The schema declares another pattern.</exception>
    public EsfModeratedTailer(QueueTailer tailer, EsfUnsealer reader, EsfMessageFilter? filter = null)
        : this(tailer, filter)
    {
        UnsealedMessage.Require<TView>(reader);
        _reader = reader;
    }

    /// <summary>The tailer: seek, commit, and wait with it.</summary>
    public QueueTailer Tailer { get; }

    /// <summary>How many messages were passed that are no approval of an item of this schema, or of one of another address or for other
    /// audiences.</summary>
    public long Passed { get; private set; }

    /// <summary>Reads the next approved item, if there is one.</summary>
    /// <param name="item">The item; valid until the next call on the tailer.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="EstreamFormatException">The next decision, or the item in it, cannot be read. The next call goes on behind
    /// it.</exception>
    /// <exception cref="EstreamCorruptionException">What is there is not a message of the queue; file and offset are named.</exception>
    /// <exception cref="EstreamStorageException">The position was reused by retention, or a segment cannot be opened.</exception>
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
