using Estream.Core;
using Estream.Map;
using Estream.Queue;

namespace Estream.Cli.Data;

/// <summary>
/// Reads the messages of a map's entries. A short message is stored in the entry; a longer one is read from the source queue of the map,
/// which has a tailer named map-NAME.
/// </summary>
/// <param name="data">The data folder with the queues.</param>
/// <param name="mapDirectory">The directory of the map.</param>
/// <param name="keys">The master keys of the queue, if it is encrypted.</param>
internal sealed class EntryMessages(DataFolder data, string mapDirectory, QueueKeyRing? keys) : IDisposable
{
    private readonly string _readerName = $"map-{Path.GetFileName(Path.TrimEndingDirectorySeparator(mapDirectory))}";
    private readonly List<EstreamQueue> _queues = [];
    private QueueTailer? _tailer;

    /// <summary>Returns the message of an entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="reason">The reason if there is no message: the queue no longer contains it, or has another message at its
    /// position.</param>
    /// <returns>The message, or <see langword="null"/>.</returns>
    /// <exception cref="CliException">The queue with the message cannot be found.</exception>
    public byte[]? Read(in LatestEntry entry, out string reason)
    {
        reason = "";
        if (entry.IsInline)
        {
            return entry.Message.ToArray();
        }

        _tailer ??= OpenQueue();
        reason = "the queue no longer contains this message";
        try
        {
            _tailer.Seek(entry.Position);
            return _tailer.TryRead(out QueueMessage message) && message.Sequence == entry.Sequence ? message.Payload.ToArray() : null;
        }
        catch (EstreamCorruptionException damage)
        {
            reason = damage.Message;
        }
        catch (Exception e) when (e is EstreamStorageException or ArgumentException)
        {
            // Retention has deleted the message, because the device has sent nothing since, or the entry is from another queue.
        }

        return null;
    }

    public void Dispose()
    {
        foreach (EstreamQueue queue in _queues)
        {
            queue.Dispose();
        }
    }

    private QueueTailer OpenQueue()
    {
        foreach (string name in data.List(DataFolder.Queues))
        {
            EstreamQueue queue = EstreamQueue.OpenReadOnly(data.Resolve(DataFolder.Queues, name), new QueueOptions { Keys = keys });
            _queues.Add(queue);
            if (queue.GetInfo().Tailers.Any(tailer => tailer.Name == _readerName))
            {
                return queue.CreateTailer();
            }
        }

        throw new CliException(
            $"The queue of the map '{mapDirectory}', which stores its long messages, was not found: no queue has the tailer "
            + $"'{_readerName}'. Set ESTREAM_DATA to the data folder of the map's host.");
    }
}
