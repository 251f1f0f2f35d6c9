using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams;

/// <summary>
/// Reads the messages of one schema from a queue in place, all of them or those of some addresses, and passes the others. Costs a read and
/// two compares, and with a filter the writing of an address; allocates nothing for each message.
/// </summary>
/// <typeparam name="TView">The generated view, such as <c>IoTTelemetry.View</c>.</typeparam>
/// <remarks>
/// One thread at a time, as its tailer. A message of the same schema in a version the view cannot read, or one that is cut short, is not
/// passed but refused with an <see cref="EstreamFormatException"/>: whoever catches it and reads on leaves that message out.
/// </remarks>
public sealed class EsfTailer<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    private readonly EsfUnsealer? _reader;
    private readonly EsfMessageFilter? _filter;

    /// <summary>Reads through a tailer, which stays the caller's to dispose.</summary>
    /// <param name="tailer">The tailer.</param>
    /// <param name="filter">Chooses messages by lattice and address; the others are passed. None by default.</param>
    /// <exception cref="ArgumentException">The filter chooses no message of the schema.</exception>
    /// <exception cref="InvalidOperationException">The schema declares a pattern whose messages are not read as they are.</exception>
    public EsfTailer(QueueTailer tailer, EsfMessageFilter? filter = null)
    {
        ArgumentNullException.ThrowIfNull(tailer);
        SchemaDeclarations.RequirePlain(TView.Schema);
        UnsealedMessage.Require<TView>(filter);
        Tailer = tailer;
        _filter = filter;
    }

    /// <summary>Reads messages opened, in a copy of the reader's; where it is for certain audiences, those alone that are for
    /// them.</summary>
    /// <param name="tailer">The tailer.</param>
    /// <param name="reader">Opens them, and nothing else meanwhile. It stays the caller's to dispose.</param>
    /// <param name="filter">As without a reader. What it leaves out is not opened.</param>
    /// <exception cref="ArgumentException">The reader is of another schema, or the filter chooses no message of it.</exception>
    /// <exception cref="InvalidOperationException">The schema declares a pattern whose messages are not read as they are.</exception>
    public EsfTailer(QueueTailer tailer, EsfUnsealer reader, EsfMessageFilter? filter = null)
        : this(tailer, filter)
    {
        UnsealedMessage.Require<TView>(reader);
        _reader = reader;
    }

    /// <summary>The tailer: seek, commit, and wait for messages of whatever schema with it.</summary>
    public QueueTailer Tailer { get; }

    /// <summary>How many messages of other schemas, of other addresses, and for other audiences, were passed.</summary>
    public long Passed { get; private set; }

    /// <summary>Reads the next message of the schema, if there is one.</summary>
    /// <param name="message">The message; valid until the next call on the tailer.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="EstreamFormatException">The next message says it is of this schema and cannot be read, or opened. The next call
    /// goes on behind it.</exception>
    /// <exception cref="EstreamCorruptionException">What is there is not a message of the queue; file and offset are named.</exception>
    /// <exception cref="EstreamStorageException">The position was reused by retention, or a segment cannot be opened.</exception>
    public bool TryRead(out EsfMessage<TView> message)
    {
        while (Tailer.TryRead(out QueueMessage next))
        {
            if (UnsealedMessage.TryView(_reader, _filter, next.Payload, next.Position, out TView view))
            {
                message = new EsfMessage<TView>(view, next);
                return true;
            }

            Passed++;
        }

        message = default;
        return false;
    }

    /// <summary>Reads all messages of the schema, those that are there and those to come, for <c>await foreach</c>.</summary>
    /// <param name="cancellationToken">Ends the reading with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The messages; each is valid until the next one is asked for. The sequence has no end: break, cancel or dispose the
    /// tailer.</returns>
    /// <exception cref="ObjectDisposedException">The tailer is disposed.</exception>
    /// <exception cref="EstreamFormatException">The next message says it is of this schema and cannot be read. A new loop goes on behind
    /// it.</exception>
    /// <exception cref="EstreamCorruptionException">What is there is not a message of the queue; file and offset are named.</exception>
    /// <exception cref="EstreamStorageException">The position was reused by retention, or a segment cannot be opened.</exception>
    /// <remarks>As <see cref="QueueTailer.ReadAllAsync"/>: goes on where the tailer is. Allocates for the loop, not for each
    /// message.</remarks>
    public async IAsyncEnumerable<EsfEntry<TView>> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (QueueEntry entry in Tailer.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (UnsealedMessage.TryView<TView>(_reader, _filter, entry.Payload, entry.Position, out _))
            {
                yield return new EsfEntry<TView>(entry, _reader);
            }
            else
            {
                Passed++;
            }
        }
    }
}
