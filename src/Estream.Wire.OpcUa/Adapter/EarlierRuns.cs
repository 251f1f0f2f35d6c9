using System.Text;
using Estream.Core;
using Estream.Industrial;
using Estream.Opcua;
using Estream.Queue;

namespace Estream.Wire.OpcUa.Adapter;

/// <summary>Finds when earlier runs of the adapter stored their last value of each server. Not thread-safe.</summary>
/// <remarks>Reads each queue backwards in blocks, until every server is found or <see cref="MaxMessages"/> messages are read.
/// <see cref="ReadRest"/> reads the other messages.</remarks>
/// <param name="servers">The names of the servers.</param>
/// <param name="maxMessages">The maximum number of messages to read in a queue.</param>
internal sealed class EarlierRuns(IReadOnlyList<string> servers, long maxMessages = EarlierRuns.MaxMessages)
{
    /// <summary>The maximum number of messages that a start reads in a queue. The reads take a fraction of a second.</summary>
    public const long MaxMessages = 1_000_000;

    private const int BlockMessages = 4_096;
    private const int MaxNameChars = 64;

    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _indexes = servers
        .Select((name, index) => (name, index)).ToDictionary(one => one.name, one => one.index).GetAlternateLookup<ReadOnlySpan<char>>();
    private readonly long[] _values = new long[servers.Count];
    private readonly long[] _events = new long[servers.Count];
    private readonly List<(EstreamQueue Queue, long End, bool HasValues)> _unread = [];

    /// <summary>Returns the time of receipt of the newest stored value, in nanoseconds since 1970-01-01 UTC. Without a value, returns the
    /// time of the newest event. Null if nothing is stored; 0 if nothing was found, but a queue has messages that were not read.</summary>
    public long? LastStored(int server) => _values[server] > 0 ? _values[server]
        : _unread.Exists(one => one.HasValues) ? 0
        : _events[server] > 0 ? _events[server]
        : _unread.Count > 0 ? 0 : null;

    /// <summary>Reads the newest messages of a queue.</summary>
    /// <param name="queue">The queue. Keep it open until the last call of <see cref="ReadRest"/>.</param>
    /// <param name="end">The sequence number after its last message.</param>
    /// <param name="hasValues">True if the queue stores values of the servers; false if it stores events.</param>
    /// <param name="cancellation">Ends the search early; the result is then incomplete.</param>
    /// <exception cref="EstreamException">The queue is damaged, or cannot be read. Servers without a time count as stored at an unknown
    /// time.</exception>
    public void Read(EstreamQueue queue, long end, bool hasValues, CancellationToken cancellation)
    {
        _unread.Add((queue, end, hasValues));
        ReadOne(_unread.Count - 1, maxMessages, new long[servers.Count], cancellation);
    }

    /// <summary>Reads the messages that <see cref="Read"/> has not read, until every server is found. Costs a pass over the queues if a
    /// server is not found.</summary>
    /// <param name="cancellation">Ends the search early; the result is then incomplete.</param>
    /// <exception cref="EstreamException">As for <see cref="Read"/>.</exception>
    public void ReadRest(CancellationToken cancellation)
    {
        for (int one = _unread.Count - 1; one >= 0; one--)
        {
            ReadOne(one, long.MaxValue, _unread[one].HasValues ? _values : _events, cancellation);
        }
    }

    /// <summary>Reads a queue backwards from its first message that was read before. Removes the queue if all messages are read.</summary>
    /// <param name="one">The index of the queue.</param>
    /// <param name="count">The maximum number of messages.</param>
    /// <param name="found">Receives the time of each server. The search ends when each server has one.</param>
    /// <param name="cancellation">Ends the search early.</param>
    private void ReadOne(int one, long count, long[] found, CancellationToken cancellation)
    {
        (EstreamQueue queue, long end, bool hasValues) = _unread[one];
        using QueueTailer tailer = queue.CreateTailer();
        long first = tailer.TryPeek(out QueueMessage oldest) ? oldest.Sequence : end;
        long limit = Math.Max(first, end - Math.Min(count, end));
        while (end > limit && !cancellation.IsCancellationRequested && Array.Exists(found, time => time == 0))
        {
            long start = Math.Max(limit, end - BlockMessages);
            ReadBlock(tailer, start, end, hasValues, found);
            end = start;
            _unread[one] = (queue, end, hasValues);
        }

        if (end <= first)
        {
            _unread.RemoveAt(one);
        }
    }

    private void ReadBlock(QueueTailer tailer, long start, long end, bool hasValues, long[] found)
    {
        tailer.SeekToSequence(start);
        while (tailer.TryPeek(out QueueMessage message) && message.Sequence < end && tailer.TryRead(out message))
        {
            if (OpcUaReading.View.TryOf(message.Payload, out OpcUaReading.View reading))
            {
                Note(_values, reading.Server, reading.ReceivedAt, hasValues ? found : []);
            }
            else if (OpcUaValue.View.TryOf(message.Payload, out OpcUaValue.View value))
            {
                Note(_values, value.Server, value.ReceivedAt, hasValues ? found : []);
            }
            else if (OpcUaEvent.View.TryOf(message.Payload, out OpcUaEvent.View one))
            {
                Note(_events, one.Server, one.OccurredAt, hasValues ? [] : found);
            }
        }
    }

    private void Note(long[] times, ReadOnlySpan<byte> server, long time, long[] found)
    {
        Span<char> name = stackalloc char[MaxNameChars];
        if (!Encoding.UTF8.TryGetChars(server, name, out int length) || !_indexes.TryGetValue(name[..length], out int index))
        {
            return;
        }

        times[index] = Math.Max(times[index], time);
        if (found.Length > 0)
        {
            found[index] = times[index];
        }
    }
}
