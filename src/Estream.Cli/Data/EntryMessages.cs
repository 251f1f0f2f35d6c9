using Estream.Map;
using Estream.Queue;

namespace Estream.Cli.Data;

/// <summary>
/// The messages of a map's entries. A short one stands in the entry; a longer one is read from the queue the map follows, which is known
/// by its named reader map-NAME.
/// </summary>
internal sealed class EntryMessages(DataFolder data, string mapDirectory) : IDisposable
{
    private readonly string _readerName = $"map-{Path.GetFileName(Path.TrimEndingDirectorySeparator(mapDirectory))}";
    private readonly List<EstreamQueue> _queues = [];
    private QueueTailer? _tailer;

    /// <summary>The whole message of an entry.</summary>
    /// <exception cref="CliException">The queue it stands in cannot be found, or no longer holds it.</exception>
    public byte[] Read(in LatestEntry entry)
    {
        if (entry.IsInline)
        {
            return entry.Message.ToArray();
        }

        _tailer ??= OpenQueue();
        try
        {
            _tailer.Seek(entry.Position);
        }
        catch (ArgumentException)
        {
            throw Gone(entry);
        }

        return _tailer.TryRead(out QueueMessage message) && message.Sequence == entry.Sequence ? message.Payload.ToArray() : throw Gone(entry);
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
            EstreamQueue queue = EstreamQueue.OpenReadOnly(data.Resolve(DataFolder.Queues, name));
            _queues.Add(queue);
            if (queue.GetInfo().Tailers.Any(tailer => tailer.Name == _readerName))
            {
                return queue.CreateTailer();
            }
        }

        throw new CliException(
            $"the map '{mapDirectory}' keeps long messages in a queue, and no queue has the reader '{_readerName}': set ESTREAM_DATA to the data folder of the map's host");
    }

    private CliException Gone(in LatestEntry entry)
    {
        return new CliException($"message {entry.Sequence} at position {entry.Position}, which '{mapDirectory}' refers to, is no longer in its queue");
    }
}
