using Estream.Core;
using Estream.Map;
using Estream.Queue;

namespace Estream.Cli.Data;

/// <summary>
/// The messages of a map's entries. A short one stands in the entry; a longer one is read from the queue the map follows, which is known
/// by its named reader map-NAME.
/// </summary>
/// <param name="data">Where queues are looked for.</param>
/// <param name="mapDirectory">The map's.</param>
/// <param name="keys">The master keys of the queue, if it is encrypted.</param>
internal sealed class EntryMessages(DataFolder data, string mapDirectory, QueueKeyRing? keys) : IDisposable
{
    private readonly string _readerName = $"map-{Path.GetFileName(Path.TrimEndingDirectorySeparator(mapDirectory))}";
    private readonly List<EstreamQueue> _queues = [];
    private QueueTailer? _tailer;

    /// <summary>The whole message of an entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="reason">Why there is none: the queue no longer holds it, or holds something else in its place.</param>
    /// <returns>The message, or <see langword="null"/>.</returns>
    /// <exception cref="CliException">The queue it stands in cannot be found.</exception>
    public byte[]? Read(in LatestEntry entry, out string reason)
    {
        reason = "";
        if (entry.IsInline)
        {
            return entry.Message.ToArray();
        }

        _tailer ??= OpenQueue();
        reason = "the queue no longer keeps this message";
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
            // Retention has overtaken a silent device, or the map is that of another queue.
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
            $"the map '{mapDirectory}' keeps long messages in a queue, and no queue has the reader '{_readerName}': set ESTREAM_DATA to "
            + "the data folder of the map's host");
    }
}
