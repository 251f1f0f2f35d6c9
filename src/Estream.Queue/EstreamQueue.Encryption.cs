using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

// Encryption: keys come from QueueOptions.Keys and are stored wrapped in queue.keys.
public sealed partial class EstreamQueue
{
    internal QueueKeys? Keys { get; }

    /// <summary>Bytes that encryption adds to each append.</summary>
    internal int BlockOverhead => Keys is null ? 0 : BlockLayout.HeaderBytes;

    /// <summary>
    /// Creates a new key for everything appended from now on. Appenders of all processes start a new segment with their next append. Keys
    /// that no segment uses are deleted, which makes leftovers of those segments on the disk unreadable.
    /// </summary>
    /// <returns>The number of the new key generation.</returns>
    /// <exception cref="InvalidOperationException">The queue was opened read-only or without keys, or nothing was encrypted
    /// yet.</exception>
    /// <exception cref="EstreamKeyException">The keys given do not belong to this queue.</exception>
    /// <exception cref="EstreamStorageException">The new key could not be stored. The old key stays in use.</exception>
    /// <remarks>Thread-safe, also across processes. Reads the header of each segment and flushes once. Old segments keep their
    /// keys.</remarks>
    public int RotateKey() => (int)RequireKeys("rotate its key").Rotate();

    /// <summary>
    /// Wraps the keys of the queue under the current master key of <see cref="QueueOptions.Keys"/>. Afterwards this queue does not need the
    /// older master keys. Rewrites no segment.
    /// </summary>
    /// <returns>The number of keys.</returns>
    /// <exception cref="InvalidOperationException">The queue was opened read-only or without keys, or nothing was encrypted
    /// yet.</exception>
    /// <exception cref="EstreamKeyException">The keys given do not belong to this queue.</exception>
    /// <exception cref="EstreamStorageException">The file could not be stored. The old file stays in use.</exception>
    /// <remarks>
    /// Thread-safe, also across processes. Reads the header of each segment and flushes once. First give all processes a key ring with both
    /// master keys: a process that has only the old one cannot read segments it has not opened yet.
    /// </remarks>
    public int RewrapKeys() => RequireKeys("rewrap its keys").Rewrap();

    /// <summary>Chooses the key of a segment about to be created.</summary>
    /// <returns>Dispose it when the segment exists; until then the current key does not change.</returns>
    /// <exception cref="EstreamKeyException">The queue is encrypted, and its keys are not available.</exception>
    internal IDisposable? BeginSegment(out SegmentKey key)
    {
        key = default;
        if (Keys is not null)
        {
            return Keys.BeginSegment(out key);
        }

        RequireClear();
        return null;
    }

    /// <summary>Checks that an appender of this object has the keys it needs.</summary>
    internal void RequireAppendable()
    {
        if (Keys is not null)
        {
            Keys.Ensure();
        }
        else
        {
            RequireClear();
        }
    }

    /// <exception cref="EstreamKeyException">The segment is encrypted, and its key is not available.</exception>
    internal SegmentCipher CipherOf(Segment segment) => (Keys ?? throw NoKeys()).CipherOf(segment);

    private QueueKeys RequireKeys(string action)
    {
        RequireWritable(action);
        return Keys ?? throw new InvalidOperationException(
            $"The queue '{Directory}' was opened without QueueOptions.Keys and cannot {action}.");
    }

    private void RequireClear()
    {
        if (Files.Storage.FileExists(Files.KeysPath))
        {
            throw NoKeys();
        }
    }

    internal EstreamKeyException NoKeys() =>
        new(
            $"The queue '{Directory}' is encrypted, under keys in '{Files.KeysPath}' that need a master key. Open it with "
            + "QueueOptions.Keys (on the command line "
            + "--key-file) to append to it or to read its messages.", Files.KeysPath);
}
