using System.Buffers;
using System.Diagnostics;
using Estream.Core;
using Estream.Map;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// The retained message of each topic, in a map that belongs to the endpoint. Acknowledged messages survive a crash of the process. The
/// topics are also held in memory, sorted. Thread-safe.
/// </summary>
internal sealed class RetainedStore : IDisposable
{
    private const string Name = "retained";
    private const long RecentNanos = 1_000_000_000;

    /// <summary>The number of topics checked per sweep. Publishers wait for the lock meanwhile.</summary>
    private const int SweptAtOnce = 2_000;

    /// <summary>The number of topics matched with a filter per call. Publishers wait for the lock meanwhile.</summary>
    private const int MatchedAtOnce = 256;

    private readonly Lock _lock = new();
    private readonly ByteMap _map;
    private readonly IClock _clock;
    private readonly int _maxMessages;
    private readonly long _maxBytes;
    private readonly Tally<string> _users;
    private readonly SortedSet<RetainedTopic> _topics = new(TopicOrder.Instance);
    private volatile EstreamStorageException? _failure;
    private long _failedAt;
    private long _bytes;
    private long _puts;
    private RetainedTopic _swept = new([]);

    private RetainedStore(ByteMap map, MqttEndpointOptions options, IClock clock)
    {
        _map = map;
        _clock = clock;
        _maxMessages = options.MaxRetained;
        _maxBytes = options.MaxRetainedBytes;
        _users = new Tally<string>(MqttEndpointOptions.Share(options.MaxRetainedPerUser, options.MaxRetained));
        foreach (ByteMapEntry entry in map)
        {
            _topics.Add(new RetainedTopic(entry.Key.ToArray()) { ExpiresAt = ExpiryOf(entry.Value) });
            _bytes += entry.Key.Length + entry.Value.Length;
        }
    }

    /// <summary>
    /// Held while a message is retained and relayed, and while a subscription begins. A subscriber gets messages that were put before
    /// the subscription began as retained messages, and later ones from the relay. So no message is sent twice or missed.
    /// </summary>
    public Lock Turn { get; } = new();

    /// <summary>The number of puts so far.</summary>
    public long Puts => Volatile.Read(ref _puts);

    /// <summary>The failure of a write within the last second; null if there was none. A blocked publisher retries ten times per
    /// second.</summary>
    public EstreamStorageException? Failure =>
        _failure is { } failure && _clock.MonotonicNanos - Volatile.Read(ref _failedAt) < RecentNanos ? failure : null;

    /// <exception cref="EstreamException">The map cannot be created, opened or read.</exception>
    public static RetainedStore Open(AdapterPlace place, MqttEndpointOptions options)
    {
        ByteMap map = ByteMap.Open(Path.Combine(place.Directory, Name), new ByteMapOptions
        {
            Storage = place.Queues.Storage,
            Clock = place.Queues.Clock,
        });
        try
        {
            return new RetainedStore(map, options, place.Queues.Clock);
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    /// <summary>Whether the limits allow a user to store a message of this length, for a new topic or as a replacement.</summary>
    public bool HasRoom(ReadOnlySpan<byte> topic, long length, string? user)
    {
        lock (_lock)
        {
            int before = LengthOf(topic);
            if (before == 0)
            {
                return _topics.Count < _maxMessages && _bytes + topic.Length + length <= _maxBytes && _users.HasRoom(user);
            }

            bool isOwn = _topics.TryGetValue(new RetainedTopic(topic.ToArray()), out RetainedTopic? kept) && kept.User == user;
            return _bytes - before + length <= _maxBytes && (isOwn || _users.HasRoom(user));
        }
    }

    /// <summary>Stores the retained message of a topic and replaces the previous one [MQTT-3.3.1-5]. A message without payload removes the
    /// previous one and is not stored [MQTT-3.3.1-6] [MQTT-3.3.1-7].</summary>
    /// <param name="message">The message.</param>
    /// <param name="user">The user to whom the message is charged; null for none.</param>
    /// <returns>False if the map cannot be written now. Nothing was changed, and the same call can succeed later.</returns>
    public bool TryPut(in RelayMessage message, string? user)
    {
        byte[] frame = ArrayPool<byte>.Shared.Rent((int)message.Length);
        try
        {
            int length = message.Payload.IsEmpty ? 0 : message.Write(frame);
            lock (_lock)
            {
                Put(message.Topic, frame.AsSpan(0, length), user);
            }

            _failure = null;
            return true;
        }
        catch (EstreamStorageException failure)
        {
            Volatile.Write(ref _failedAt, _clock.MonotonicNanos);
            _failure = failure;
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    /// <summary>Removes the message of a topic if it has expired. A removal that cannot be written is tried again later.</summary>
    public void RemoveExpired(byte[] topic, long now)
    {
        try
        {
            lock (_lock)
            {
                // Check again under the lock: a newer message may have replaced the expired message.
                if (_map.TryGet(topic, out byte[]? frame) && PublishedRecord.View.Of(frame).ExpiresAt <= now)
                {
                    Remove(topic);
                }
            }
        }
        catch (EstreamStorageException)
        {
            // The expired message is not sent, even if it stays in the map.
        }
    }

    /// <summary>Removes expired messages that no subscriber requests, since they count against the limits. Each call checks the next few
    /// topics.</summary>
    public void Sweep(long now)
    {
        try
        {
            lock (_lock)
            {
                foreach (byte[] topic in NextExpired(now))
                {
                    Remove(topic);
                }
            }
        }
        catch (EstreamStorageException)
        {
            // Expired messages are not sent, even if they stay in the map. A later sweep checks them again.
        }
    }

    /// <summary>Copies the retained message of a topic.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="puts">Ignores a message that was put later than this number of puts.</param>
    /// <param name="buffer">The buffer to copy to; replaced by a longer one if it is too short.</param>
    /// <param name="length">The length of the message in bytes.</param>
    /// <param name="put">The number of the put that stored the message.</param>
    /// <returns>False if there is no message.</returns>
    public bool TryGet(byte[] topic, long puts, ref byte[] buffer, out int length, out long put)
    {
        lock (_lock)
        {
            length = 0;
            put = 0;
            if (!_topics.TryGetValue(new RetainedTopic(topic), out RetainedTopic? kept) || kept.Put > puts)
            {
                return false;
            }

            put = kept.Put;
            Status status = _map.TryGet(topic, buffer, out length);
            if (status.IsFull)
            {
                buffer = new byte[length];
                status = _map.TryGet(topic, buffer, out length);
            }

            return status.IsOk;
        }
    }

    /// <summary>Searches for the next topic, in order, that a filter matches. Checks a limited number of topics.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="from">The topic to start from; set to the topic to continue from.</param>
    /// <param name="isAfter">Whether <paramref name="from"/> itself is done; updated with it.</param>
    /// <param name="puts">Ignores messages that were put later than this number of puts.</param>
    /// <param name="found">The topic; null if none was found.</param>
    /// <returns>True if the search is complete. If false, call again; other callers can take the lock in between.</returns>
    public bool TryNext(byte[] filter, ref byte[] from, ref bool isAfter, long puts, out byte[]? found)
    {
        found = null;
        ReadOnlySpan<byte> prefix = PrefixOf(filter);
        lock (_lock)
        {
            RetainedTopic first = new(from);
            if (_topics.Max is not { } last || TopicOrder.Instance.Compare(first, last) > 0)
            {
                return true;
            }

            int looked = 0;
            foreach (RetainedTopic topic in _topics.GetViewBetween(first, last))
            {
                if (!topic.Name.AsSpan().StartsWith(prefix))
                {
                    return true;
                }

                if (topic.Put <= puts && TopicFilter.Matches(filter, topic.Name) && !(isAfter && topic.Name.AsSpan().SequenceEqual(from)))
                {
                    found = topic.Name;
                    return true;
                }

                if (++looked == MatchedAtOnce)
                {
                    (from, isAfter) = (topic.Name, true);
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Returns the common prefix of all topics that a filter matches.</summary>
    public static ReadOnlySpan<byte> PrefixOf(byte[] filter)
    {
        int wildcard = filter.AsSpan().IndexOfAny((byte)'#', (byte)'+');
        ReadOnlySpan<byte> literal = wildcard < 0 ? filter : filter.AsSpan(0, wildcard);

        // a/# also matches a.
        return wildcard > 0 && filter[wildcard] == (byte)'#' ? literal[..^1] : literal;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _map.Dispose();
        }
    }

    /// <summary>Returns expired topics. The caller holds the lock.</summary>
    private List<byte[]> NextExpired(long now)
    {
        List<byte[]> expired = [];
        if (_topics.Max is not { } last)
        {
            return expired;
        }

        if (TopicOrder.Instance.Compare(_swept, last) >= 0)
        {
            _swept = new RetainedTopic([]);
        }

        foreach (RetainedTopic topic in _topics.GetViewBetween(_swept, last).Take(SweptAtOnce))
        {
            _swept = topic;
            if (topic.ExpiresAt <= now)
            {
                expired.Add(topic.Name);
            }
        }

        return expired;
    }

    /// <summary>Stores or removes a message. The caller holds the lock.</summary>
    private void Put(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> frame, string? user)
    {
        if (frame.IsEmpty)
        {
            Remove(topic);
            return;
        }

        int before = LengthOf(topic);
        _map.Put(topic, frame);
        _bytes += frame.Length - before;
        RetainedTopic? kept = new(topic.ToArray());
        if (before == 0)
        {
            _topics.Add(kept);
            _bytes += topic.Length;
        }
        else if (!_topics.TryGetValue(kept, out kept))
        {
            throw new UnreachableException("A topic with a retained message is missing from the set of these topics.");
        }

        _users.Remove(kept.User);
        _users.Add(user);
        kept.User = user;
        kept.Put = ++_puts;
        kept.ExpiresAt = ExpiryOf(frame);
    }

    /// <summary>Removes a message. The caller holds the lock.</summary>
    private void Remove(ReadOnlySpan<byte> topic)
    {
        int before = LengthOf(topic);
        if (_map.Remove(topic) && _topics.TryGetValue(new RetainedTopic(topic.ToArray()), out RetainedTopic? kept))
        {
            _topics.Remove(kept);
            _users.Remove(kept.User);
            _bytes -= before + topic.Length;
        }
    }

    private static long ExpiryOf(ReadOnlySpan<byte> frame)
    {
        return PublishedRecord.View.Of(frame).ExpiresAt ?? long.MaxValue;
    }

    private int LengthOf(ReadOnlySpan<byte> topic)
    {
        _ = _map.TryGet(topic, Span<byte>.Empty, out int length);
        return length;
    }
}

/// <summary>Orders topics byte by byte, so that topics with the same prefix are adjacent.</summary>
internal sealed class TopicOrder : IComparer<RetainedTopic>
{
    private TopicOrder()
    {
    }

    public static TopicOrder Instance { get; } = new();

    public int Compare(RetainedTopic? x, RetainedTopic? y)
    {
        return (x?.Name).AsSpan().SequenceCompareTo(y?.Name);
    }
}
