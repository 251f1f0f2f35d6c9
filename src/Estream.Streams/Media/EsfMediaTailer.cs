using System.Text;
using Estream.Core;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams;

/// <summary>Reads complete objects, in the order in which they were committed; other messages of the queue are skipped.</summary>
/// <remarks>Not thread-safe: use it on one thread at a time, like its tailer. The guarantees of the tailer apply: a named tailer resumes
/// from its position.</remarks>
public sealed class EsfMediaTailer
{
    /// <summary>Creates a media tailer over a queue tailer. The caller still disposes the queue tailer.</summary>
    /// <param name="tailer">A tailer of the queue to which an <see cref="EsfMediaWriter"/> publishes objects.</param>
    public EsfMediaTailer(QueueTailer tailer)
    {
        ArgumentNullException.ThrowIfNull(tailer);
        Tailer = tailer;
    }

    /// <summary>The queue tailer. Use it to seek, commit, and wait.</summary>
    public QueueTailer Tailer { get; }

    /// <summary>Called with each abandoned object that <see cref="TryRead"/> skips. Circuits abandon objects (docs/formats/escir.md); an
    /// <see cref="EsfMediaWriter"/> does not.</summary>
    public Action<EsfMediaAbandoned>? Abandoned { get; init; }

    /// <summary>Reads the next complete object, if there is one.</summary>
    /// <param name="media">The object; it stays valid.</param>
    /// <returns>True if there was an object.</returns>
    /// <exception cref="EstreamFormatException">The next manifest cannot be read or is inconsistent. The next call continues after
    /// it.</exception>
    /// <exception cref="EstreamCorruptionException">The bytes at the position are not a message of the queue; the exception names the file
    /// and offset.</exception>
    /// <exception cref="EstreamStorageException">Retention has deleted the message at the position, or a segment cannot be
    /// opened.</exception>
    public bool TryRead([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out EsfMediaObject? media)
    {
        while (Tailer.TryRead(out QueueMessage message))
        {
            if (Message.TryView(message.Payload, message.Position, out MediaManifestRecord.View manifest))
            {
                media = EsfMediaObject.Of(in manifest, message.Position);
                return true;
            }

            if (Abandoned is { } abandoned
                && Message.TryView(message.Payload, message.Position, out MediaAbandonedRecord.View record))
            {
                abandoned(new EsfMediaAbandoned(Convert.ToHexStringLower(record.Object), Encoding.UTF8.GetString(record.Name),
                    record.Pieces, record.TotalBytes, Encoding.UTF8.GetString(record.Reason)));
            }
        }

        media = null;
        return false;
    }
}

/// <summary>An object that a circuit abandoned before it was complete. Its chunks are removed.</summary>
/// <param name="Id">The id of the object.</param>
/// <param name="Name">The name of the object.</param>
/// <param name="Pieces">The number of its pieces.</param>
/// <param name="Length">The number of bytes of its pieces.</param>
/// <param name="Reason">Why the circuit abandoned the object.</param>
public sealed record EsfMediaAbandoned(string Id, string Name, long Pieces, long Length, string Reason);
