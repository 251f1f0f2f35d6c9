using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

// Keys: given by QueueOptions.Keys, kept wrapped in queue.keys.
public sealed partial class EstreamQueue
{
    internal QueueKeys? Keys { get; }

    /// <summary>Bytes that encryption adds to each append.</summary>
    internal int BlockOverhead => Keys is null ? 0 : BlockLayout.HeaderBytes;

    /// <summary>
    /// Makes a new key for everything that is appended from now on. Appenders, also those of other processes, begin a new segment with
    /// their next append. Keys that no segment uses any more are forgotten, and with them what is left of those segments' contents on the
    /// device.
    /// </summary>
    /// <returns>The number of the new key generation.</returns>
    /// <exception cref="InvalidOperationException">The queue was opened read-only or without keys, or nothing was encrypted
    /// yet.</exception>
    /// <exception cref="EstreamKeyException">The keys given are not those of this queue.</exception>
    /// <exception cref="EstreamStorageException">The new key could not be stored. The old one stays in use.</exception>
    /// <remarks>Thread-safe, also across processes. Costs a look at each segment's header and a flush to the device. Old segments keep
    /// their keys.</remarks>
    public int RotateKey() => (int)RequireKeys("rotate its key").Rotate();

    /// <summary>
    /// Wraps the queue's keys under the current master key of <see cref="QueueOptions.Keys"/>, whichever they were wrapped under:
    /// afterwards the older master keys are not needed for this queue. No segment is touched.
    /// </summary>
    /// <returns>How many keys there are.</returns>
    /// <exception cref="InvalidOperationException">The queue was opened read-only or without keys, or nothing was encrypted
    /// yet.</exception>
    /// <exception cref="EstreamKeyException">The keys given are not those of this queue.</exception>
    /// <exception cref="EstreamStorageException">The file could not be stored. The old one stays in use.</exception>
    /// <remarks>
    /// Thread-safe, also across processes. Costs a look at each segment's header and a flush to the device. Give all processes a ring with
    /// both master keys first: one that only has the old one gets no further than the segments it knows.
    /// </remarks>
    public int RewrapKeys() => RequireKeys("wrap its keys again").Rewrap();

    /// <summary>Says which key a segment that is about to be made has.</summary>
    /// <returns>To be disposed when it is there; until then the current key does not change.</returns>
    /// <exception cref="EstreamKeyException">The queue is encrypted, and the keys are not to be had.</exception>
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

    /// <summary>Makes sure that an appender of this object can encrypt, or need not.</summary>
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

    /// <exception cref="EstreamKeyException">The segment is encrypted, and its key is not to be had.</exception>
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
