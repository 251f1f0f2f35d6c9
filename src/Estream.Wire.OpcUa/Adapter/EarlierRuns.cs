using System.Text;
using Estream.Core;
using Estream.Industrial;
using Estream.Opcua;
using Estream.Queue;

namespace Estream.Wire.OpcUa.Adapter;

/// <summary>Finds when earlier runs of the adapter stored their last value of each server. Not thread-safe.</summary>
/// <remarks>Reads each queue backwards in blocks, until every server is found or <see cref="MaxMessages"/> messages are read.</remarks>
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
    private bool _hasUnreadValues;
    private bool _hasUnreadEvents;

    /// <summary>Returns the time of receipt of the newest stored value, in nanoseconds since 1970-01-01 UTC. Without a value, returns the
    /// time of the newest event. Null if nothing is stored; 0 if nothing was found, but a queue has messages that were not read.</summary>
    public long? LastStored(int server) => _values[server] > 0 ? _values[server]
        : _hasUnreadValues ? 0
        : _events[server] > 0 ? _events[server]
        : _hasUnreadEvents ? 0 : null;

    /// <summary>Reads a queue.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="end">The sequence number after its last message.</param>
    /// <param name="hasValues">True if the queue stores values of the servers; false if it stores events.</param>
    /// <param name="cancellation">Ends the search early; the result is then incomplete.</param>
    /// <exception cref="EstreamException">The queue is damaged, or cannot be read. Servers without a time count as stored at an unknown
    /// time.</exception>
    public void Read(EstreamQueue queue, long end, bool hasValues, CancellationToken cancellation)
    {
        using QueueTailer tailer = queue.CreateTailer();
        long[] found = new long[servers.Count];
        try
        {
            long first = tailer.TryPeek(out QueueMessage oldest) ? oldest.Sequence : end;
            long limit = Math.Max(first, end - maxMessages);
            MarkUnread(hasValues, limit > first);
            for (long before = end; before > limit && !cancellation.IsCancellationRequested; before -= BlockMessages)
            {
                ReadBlock(tailer, Math.Max(limit, before - BlockMessages), before, hasValues, found);
                if (Array.TrueForAll(found, time => time > 0))
                {
                    return;
                }
            }
        }
        catch (EstreamException)
        {
            MarkUnread(hasValues, true);
            throw;
        }
    }

    private void MarkUnread(bool hasValues, bool isUnread)
    {
        _hasUnreadValues |= hasValues && isUnread;
        _hasUnreadEvents |= !hasValues && isUnread;
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
