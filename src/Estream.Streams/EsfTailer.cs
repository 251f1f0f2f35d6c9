using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams;

/// <summary>
/// Reads the messages of one schema from a queue in place, optionally only those of some addresses, and skips all others. Each message
/// costs a read, two compares and the check of its fields, plus the formatting of an address if there is a filter. Nothing is allocated per
/// message.
/// </summary>
/// <typeparam name="TView">The generated view, such as <c>IoTTelemetry.View</c>.</typeparam>
/// <remarks>
/// Not thread-safe: use it on one thread at a time, like its tailer. An invalid message is not skipped: reading it throws <see
/// cref="EstreamFormatException"/>. A message is invalid if <see cref="EsfValidator.Check(EsfSchema, ReadOnlySpan{byte})"/> refuses it: for
/// example, if it is truncated, in a version that the view cannot read, without a required field, or with an unknown value of an enum. To
/// skip such a message, catch the exception and read on.
/// </remarks>
public sealed class EsfTailer<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    private readonly EsfUnsealer? _reader;
    private readonly EsfMessageFilter? _filter;

    /// <summary>Creates a typed tailer over a queue tailer. The caller still disposes the queue tailer.</summary>
    /// <param name="tailer">The queue tailer.</param>
    /// <param name="filter">Selects messages by lattice and address; the rest are skipped. No filter by default.</param>
    /// <exception cref="ArgumentException">The filter matches no message of the schema.</exception>
    /// <exception cref="InvalidOperationException">The schema declares a pattern whose messages cannot be read directly.</exception>
    public EsfTailer(QueueTailer tailer, EsfMessageFilter? filter = null)
    {
        ArgumentNullException.ThrowIfNull(tailer);
        SchemaDeclarations.RequirePlain(TView.Schema);
        UnsealedMessage.Require<TView>(filter);
        Tailer = tailer;
        _filter = filter;
    }

    /// <summary>Creates a typed tailer that unseals messages into a buffer of the unsealer. An unsealer for certain audiences reads only
    /// the messages for them.</summary>
    /// <param name="tailer">The queue tailer.</param>
    /// <param name="reader">Unseals the messages. Nothing else may use it while this tailer is in use. The caller still disposes
    /// it.</param>
    /// <param name="filter">Selects messages by lattice and address. Messages that the filter skips are not unsealed.</param>
    /// <exception cref="ArgumentException">The unsealer belongs to another schema, or the filter matches no message of the
    /// schema.</exception>
    /// <exception cref="InvalidOperationException">The schema declares a pattern whose messages cannot be read directly.</exception>
    public EsfTailer(QueueTailer tailer, EsfUnsealer reader, EsfMessageFilter? filter = null)
        : this(tailer, filter)
    {
        UnsealedMessage.Require<TView>(reader);
        _reader = reader;
    }

    /// <summary>The queue tailer. Use it to seek, to commit, and to wait for messages of any schema.</summary>
    public QueueTailer Tailer { get; }

    /// <summary>The number of skipped messages: messages of other schemas, of other addresses, or for other audiences.</summary>
    public long Passed { get; private set; }

    /// <summary>Reads the next message of the schema, if there is one, and checks it as <see cref="EsfValidator.Check(EsfSchema,
    /// ReadOnlySpan{byte})"/> does.</summary>
    /// <param name="message">The message; valid until the next call on the tailer.</param>
    /// <returns>True if there was a message.</returns>
    /// <exception cref="EstreamFormatException">The next message has this schema's id but is invalid or cannot be unsealed. The next call
    /// continues after it.</exception>
    /// <exception cref="EstreamCorruptionException">The bytes at the position are not a message of the queue; the exception names the file
    /// and offset.</exception>
    /// <exception cref="EstreamStorageException">Retention has deleted the message at the position, or a segment cannot be
    /// opened.</exception>
    /// <remarks>The check takes time proportional to the number of fields and items.</remarks>
    public bool TryRead(out EsfMessage<TView> message) => ReadNext(isChecked: true, out message);

    /// <summary>Reads the next message of the schema, if there is one, without checking its fields. Use it if the writers check them, as
    /// <see cref="EsfClaim{TWriter}.Commit"/> does. An invalid field throws <see cref="EstreamFormatException"/> when it is read.</summary>
    /// <param name="message">The message; valid until the next call on the tailer.</param>
    /// <returns>True if there was a message.</returns>
    /// <exception cref="EstreamFormatException">The next message has this schema's id but is truncated, has a version that the view cannot
    /// read, or cannot be unsealed. The next call continues after it.</exception>
    /// <exception cref="EstreamCorruptionException">The bytes at the position are not a message of the queue; the exception names the file
    /// and offset.</exception>
    /// <exception cref="EstreamStorageException">Retention has deleted the message at the position, or a segment cannot be
    /// opened.</exception>
    public bool TryReadUnchecked(out EsfMessage<TView> message) => ReadNext(isChecked: false, out message);

    /// <summary>Reads all messages of the schema, present and future, for <c>await foreach</c>.</summary>
    /// <param name="cancellationToken">Stops reading with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The messages; each is valid until the next one is requested. The sequence never ends: break, cancel or dispose the
    /// tailer.</returns>
    /// <exception cref="ObjectDisposedException">The tailer is disposed.</exception>
    /// <exception cref="EstreamFormatException">The next message has this schema's id but is invalid or cannot be unsealed. A new loop
    /// continues after it.</exception>
    /// <exception cref="EstreamCorruptionException">The bytes at the position are not a message of the queue; the exception names the file
    /// and offset.</exception>
    /// <exception cref="EstreamStorageException">Retention has deleted the message at the position, or a segment cannot be
    /// opened.</exception>
    /// <remarks>Like <see cref="QueueTailer.ReadAllAsync"/>, starts at the tailer's position. Allocates once per loop, not per
    /// message.</remarks>
    public async IAsyncEnumerable<EsfEntry<TView>> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (QueueEntry entry in Tailer.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (UnsealedMessage.TryView<TView>(_reader, _filter, entry.Payload, entry.Position, out _))
            {
                RequireReadable(entry.Payload, entry.Position);
                yield return new EsfEntry<TView>(entry, _reader);
            }
            else
            {
                Passed++;
            }
        }
    }

    private bool ReadNext(bool isChecked, out EsfMessage<TView> message)
    {
        while (Tailer.TryRead(out QueueMessage next))
        {
            if (UnsealedMessage.TryView(_reader, _filter, next.Payload, next.Position, out TView view))
            {
                if (isChecked)
                {
                    RequireReadable(next.Payload, next.Position);
                }

                message = new EsfMessage<TView>(view, next);
                return true;
            }

            Passed++;
        }

        message = default;
        return false;
    }

    // The unsealer in _reader has already checked the message.
    private void RequireReadable(ReadOnlySpan<byte> message, long position)
    {
        if (_reader is null)
        {
            Message.RequireReadable(TView.Schema, message, position);
        }
    }
}
