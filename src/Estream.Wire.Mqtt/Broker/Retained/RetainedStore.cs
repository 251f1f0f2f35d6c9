using System.Buffers;
using System.Diagnostics;
using Estream.Core;
using Estream.Map;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// The retained message of each topic, in a map of the endpoint's own: what was acknowledged is there after the death of the process. The
/// topics are in memory too, in their order. Thread-safe.
/// </summary>
internal sealed class RetainedStore : IDisposable
{
    private const string Name = "retained";
    private const long RecentNanos = 1_000_000_000;

    /// <summary>Topics looked at in one sweep: who publishes waits that long.</summary>
    private const int SweptAtOnce = 2_000;

    /// <summary>Topics that are matched with a filter in one go: longer would hold up who publishes.</summary>
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
    /// Held while a message is kept and passed on, and while a subscription begins: what is put before that is brought by the subscription,
    /// and what is put behind it comes by the relay, so that nothing comes twice or never.
    /// </summary>
    public Lock Turn { get; } = new();

    /// <summary>How many messages were put so far.</summary>
    public long Puts => Volatile.Read(ref _puts);

    /// <summary>Why it could not be written a moment ago; null when it could, or nobody has tried: who waits tries ten times a
    /// second.</summary>
    public EstreamStorageException? Failure =>
        _failure is { } failure && _clock.MonotonicNanos - Volatile.Read(ref _failedAt) < RecentNanos ? failure : null;

    /// <exception cref="EstreamException">It cannot be created, opened or read.</exception>
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

    /// <summary>Whether a user may have a message of this length kept: as a topic more, or in the place of its predecessor.</summary>
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

    /// <summary>Keeps a message in the place of the one before it [MQTT-3.3.1-5]; one without a payload removes that and is not kept
    /// [MQTT-3.3.1-6] [MQTT-3.3.1-7].</summary>
    /// <param name="message">The message.</param>
    /// <param name="user">Who counts as its owner; null for nobody.</param>
    /// <returns>False when it cannot be written now: nothing was changed, and the same call can succeed later.</returns>
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

    /// <summary>Removes the message of a topic if its time is over; where that cannot be written it is seen again.</summary>
    public void RemoveExpired(byte[] topic, long now)
    {
        try
        {
            lock (_lock)
            {
                // Looked at once more: a newer one may have come meanwhile.
                if (_map.TryGet(topic, out byte[]? frame) && PublishedRecord.View.Of(frame).ExpiresAt <= now)
                {
                    Remove(topic);
                }
            }
        }
        catch (EstreamStorageException)
        {
            // Nobody gets it, whether it is there or not.
        }
    }

    /// <summary>Removes messages whose time is over, which take the room of others, though nobody asks for them: looks at some topics, and
    /// the next time at those behind them.</summary>
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
            // Nobody gets them, and they are looked at again.
        }
    }

    /// <summary>Copies the message of a topic.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="puts">Passes over what was put behind so many others.</param>
    /// <param name="buffer">Takes it; replaced by a longer one where it has no room.</param>
    /// <param name="length">Its length.</param>
    /// <param name="put">Which of those that were put it is.</param>
    /// <returns>False when there is none.</returns>
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

    /// <summary>Looks for the next topic that a filter matches, in their order, among some topics.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="from">Where to look from; moved to where to go on.</param>
    /// <param name="isAfter">Whether that one is done with; set if it is.</param>
    /// <param name="puts">Passes over what was put behind so many others.</param>
    /// <param name="found">The topic; null for none so far.</param>
    /// <returns>Whether that is the answer. False: call it again, others have their turn between the calls.</returns>
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

    /// <summary>What all topics begin with that a filter matches.</summary>
    public static ReadOnlySpan<byte> PrefixOf(byte[] filter)
    {
        int wildcard = filter.AsSpan().IndexOfAny((byte)'#', (byte)'+');
        ReadOnlySpan<byte> literal = wildcard < 0 ? filter : filter.AsSpan(0, wildcard);

        // a/# matches a as well.
        return wildcard > 0 && filter[wildcard] == (byte)'#' ? literal[..^1] : literal;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _map.Dispose();
        }
    }

    /// <summary>Within the lock.</summary>
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

    /// <summary>Within the lock.</summary>
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
            throw new UnreachableException("A topic that retains something is not among those that do.");
        }

        _users.Remove(kept.User);
        _users.Add(user);
        kept.User = user;
        kept.Put = ++_puts;
        kept.ExpiresAt = ExpiryOf(frame);
    }

    /// <summary>Within the lock.</summary>
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

/// <summary>Orders topics byte for byte, so that those that begin alike lie together.</summary>
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
