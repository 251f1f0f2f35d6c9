using Estream.Core;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams;

/// <summary>Reads which objects are complete, in the order in which they became so; other messages of the queue are passed.</summary>
/// <remarks>One thread at a time, as its tailer, and with what that promises: a named one goes on where it was.</remarks>
public sealed class EsfMediaTailer
{
    /// <summary>Reads through a tailer, which stays the caller's to dispose.</summary>
    /// <param name="tailer">A tailer of the queue that an <see cref="EsfMediaWriter"/> tells its objects to.</param>
    public EsfMediaTailer(QueueTailer tailer)
    {
        ArgumentNullException.ThrowIfNull(tailer);
        Tailer = tailer;
    }

    /// <summary>The tailer: seek, commit, and wait with it.</summary>
    public QueueTailer Tailer { get; }

    /// <summary>Reads the next object that is complete, if there is one.</summary>
    /// <param name="media">The object; it stays valid.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="EstreamFormatException">The next manifest cannot be read or does not fit together. The next call goes on behind
    /// it.</exception>
    /// <exception cref="EstreamCorruptionException">What is there is not a message of the queue; file and offset are named.</exception>
    /// <exception cref="EstreamStorageException">The position was reused by retention, or a segment cannot be opened.</exception>
    public bool TryRead([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out EsfMediaObject? media)
    {
        while (Tailer.TryRead(out QueueMessage message))
        {
            if (Message.TryView(message.Payload, message.Position, out MediaManifestRecord.View manifest))
            {
                media = EsfMediaObject.Of(in manifest, message.Position);
                return true;
            }
        }

        media = null;
        return false;
    }
}
