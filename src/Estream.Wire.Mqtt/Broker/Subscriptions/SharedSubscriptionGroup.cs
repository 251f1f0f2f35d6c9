using System.Collections.Concurrent;
using Estream.Queue;
using Estream.Wire.Mqtt.Internal.Sessions;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>The result of offering a message to a member of a group.</summary>
internal enum ShareTaking
{
    /// <summary>The message is in flight to this member at QoS 1. Another member gets it if this member's session ends first.</summary>
    UnderWay,

    /// <summary>The message is in flight to this member at QoS 2. No other member gets it.</summary>
    UnderWayOnce,

    /// <summary>The message is finished: it was sent at QoS 0, has expired, or is too large for the member.</summary>
    Done,

    /// <summary>The member cannot take a message now.</summary>
    Full,
}

/// <summary>Offers a message to a member; <paramref name="shared"/> is its membership.</summary>
internal delegate ShareTaking SharedSubscriber(in QueueMessage message, SharedSubscription shared);

/// <summary>
/// The group of sessions that share one subscription (section 4.8.2). It has one position in the relay, and gives each message to one
/// member, in turn, that is connected and has capacity. Members fetch messages themselves, one member at a time. Thread-safe.
/// </summary>
/// <remarks>The group records in-flight messages until they are acknowledged, so that another member gets them if a session ends.</remarks>
/// <param name="name">The whole filter, which identifies the group.</param>
/// <param name="filter">The topic filter after the share name.</param>
/// <param name="from">The position in the relay from which messages belong to the group.</param>
/// <param name="changed">The set to which the group adds itself when it has changed since it was saved.</param>
internal sealed class SharedSubscriptionGroup(byte[] name, byte[] filter, long from,
    ConcurrentDictionary<SharedSubscriptionGroup, bool> changed) : IRelayListener
{
    private readonly Lock _lock = new();
    private readonly RelayPlace _place = new();
    private readonly List<Member> _members = [];
    private readonly SortedSet<long> _underWay = [];
    private readonly SortedSet<long> _returned = [];
    private Member? _turn;
    private volatile int _present;
    private volatile bool _isPromised;

    // _isGiving is true while a member takes messages. _isRung is 1 if Ring was called meanwhile.
    private volatile bool _isGiving;
    private int _isRung;

    /// <summary>The whole filter, which identifies the group.</summary>
    public byte[] Name => name;

    /// <summary>The key of the group in the session store.</summary>
    public byte[] Key { get; } = SessionStore.KeyOf(name);

    /// <summary>Whether the group survives a restart: at least one member does.</summary>
    public bool IsKept
    {
        get
        {
            lock (_lock)
            {
                return _members.Exists(member => member.Subscriber.IsKept);
            }
        }
    }

    /// <summary>The oldest position of the relay that the group needs.</summary>
    public long OldestNeeded
    {
        get
        {
            lock (_lock)
            {
                long oldest = _place.Waiting;
                oldest = _returned.Count > 0 ? Math.Min(oldest, _returned.Min) : oldest;
                return _underWay.Count > 0 ? Math.Min(oldest, _underWay.Min) : oldest;
            }
        }
    }

    /// <summary>Adds a member, or replaces the options of its membership.</summary>
    /// <returns>False if the limit of members is reached.</returns>
    public bool TryJoin(Subscriber subscriber, SharedSubscription shared, int most)
    {
        lock (_lock)
        {
            Member? member = Find(subscriber);
            if (member is null && _members.Count >= most)
            {
                return false;
            }

            if (member is null)
            {
                member = new Member(subscriber);
                _members.Add(member);
            }

            member.Shared = shared;
            Recount();
            return true;
        }
    }

    /// <summary>Removes a member.</summary>
    /// <returns>True if the group has no members left.</returns>
    public bool Leave(Subscriber subscriber)
    {
        lock (_lock)
        {
            if (Find(subscriber) is { } member)
            {
                _turn = _turn == member ? Next(member) : _turn;
                _turn = _turn == member ? null : _turn;
                _members.Remove(member);
                Recount();
                RingTurn();
            }

            return _members.Count == 0;
        }
    }

    /// <summary>Updates the number of connected members after a client has connected or disconnected.</summary>
    public void CountPresent()
    {
        lock (_lock)
        {
            Recount();
            RingTurn();
        }
    }

    /// <inheritdoc/>
    public void Offer(long position, MqttQos qos)
    {
        if (_present > 0 || (qos != MqttQos.AtMostOnce && _isPromised))
        {
            _place.Offer(position);
        }
    }

    /// <inheritdoc/>
    public void OfferAgain(long position, PublishedRecord.View record)
    {
        if (position > _place.LastRead && position >= from && record.Qos > 0 && _isPromised)
        {
            _place.Offer(position);
        }
    }

    /// <inheritdoc/>
    public void Ring()
    {
        if (_isGiving)
        {
            // A member may have to read many messages that are not for the group, and a publisher must not wait for that. Ring sets _isRung
            // and then checks _isGiving again; Give first clears _isGiving and then checks _isRung. Both steps are full fences.
            Interlocked.Exchange(ref _isRung, 1);
            if (_isGiving)
            {
                return;
            }
        }

        lock (_lock)
        {
            RingTurn();
        }
    }

    /// <summary>Gives pending messages to a member if it is its turn, or if no other member can take a message.</summary>
    public void Give(Subscriber subscriber, QueueTailer tailer, SharedSubscriber take)
    {
        lock (_lock)
        {
            if (Find(subscriber) is { } member)
            {
                _isGiving = true;
                try
                {
                    Give(member, tailer, take);
                }
                finally
                {
                    _isGiving = false;
                }
            }
        }

        if (Interlocked.Exchange(ref _isRung, 0) != 0)
        {
            Ring();
        }
    }

    /// <summary>Passes the turn to another member, because this one is about to wait for its client to receive a write.</summary>
    public void PassOver()
    {
        lock (_lock)
        {
            if (IsWaiting())
            {
                RingTurn();
            }
        }
    }

    /// <summary>Removes an in-flight message: it was acknowledged with any reason code [MQTT-4.8.2-6], or its session ended at QoS 2
    /// [MQTT-4.8.2-5].</summary>
    public void Finish(long position)
    {
        lock (_lock)
        {
            if (_underWay.Remove(position))
            {
                Change();
            }
        }
    }

    /// <summary>Returns an in-flight message of QoS 1 whose session has ended, so that another member gets it.</summary>
    public void Return(long position)
    {
        lock (_lock)
        {
            if (_members.Count > 0)
            {
                _underWay.Remove(position);
                _returned.Add(position);
                Change();
                RingTurn();
            }
        }
    }

    /// <summary>Drops the messages before a position of the relay.</summary>
    /// <param name="limit">The position.</param>
    /// <param name="tailers">The tailers of the relay.</param>
    /// <returns>True if the group still needed a message before the position.</returns>
    /// <exception cref="Core.EstreamException">The relay cannot be read.</exception>
    public bool GiveUpBefore(long limit, RelayTailers tailers)
    {
        lock (_lock)
        {
            int count = _returned.RemoveWhere(position => position < limit) + _underWay.RemoveWhere(position => position < limit);
            bool isBehind = _place.Waiting < limit;
            if (isBehind)
            {
                Skip(limit, tailers);
            }

            if (isBehind || count > 0)
            {
                Change();
                return true;
            }

            return false;
        }
    }

    /// <summary>Writes the position in the relay, and the messages that are in flight or returned.</summary>
    public void Write(RecordWriter writer)
    {
        lock (_lock)
        {
            writer.WriteInt64(from);
            writer.WriteInt64(_place.LastRead);
            writer.WriteInt32(_underWay.Count + _returned.Count);
            foreach (long position in _underWay)
            {
                writer.WriteInt64(position);
            }

            foreach (long position in _returned)
            {
                writer.WriteInt64(position);
            }
        }
    }

    /// <summary>Restores the state that an earlier process stored.</summary>
    /// <param name="lastRead">The position of the last message that was given to a member.</param>
    /// <param name="underWay">The positions that are in flight to sessions. All other known messages go to another member.</param>
    /// <param name="known">The positions that were in flight or returned.</param>
    public void Restore(long lastRead, IReadOnlyCollection<long> underWay, IReadOnlyCollection<long> known)
    {
        lock (_lock)
        {
            _place.Restore(underWay.Count == 0 ? lastRead : Math.Max(lastRead, underWay.Max()));
            _underWay.UnionWith(underWay);
            _returned.UnionWith(known);
            _returned.ExceptWith(underWay);
        }
    }

    private void Skip(long limit, RelayTailers tailers)
    {
        QueueTailer tailer = tailers.Rent();
        try
        {
            _place.Skip(tailer, limit);
        }
        catch
        {
            tailer.Dispose();
            throw;
        }

        tailers.Return(tailer);
    }

    /// <returns>False if this member must not get another message now.</returns>
    private bool TryGiveNext(Member member, QueueTailer tailer, SharedSubscriber take)
    {
        if (!TryPeek(tailer, out QueueMessage message, out bool isReturned))
        {
            return false;
        }

        ShareTaking taking = take(message, member.Shared!);
        if (taking == ShareTaking.Full)
        {
            member.IsFull = true;
            if (!isReturned)
            {
                _place.Stay(message.Position);
            }

            RingTurn();
            return false;
        }

        if (isReturned)
        {
            _returned.Remove(message.Position);
        }
        else
        {
            _place.Passed(message.Position);
        }

        // A QoS 2 message of a session that does not survive this process is lost with it, so it is not recorded [MQTT-4.8.2-5].
        if (taking == ShareTaking.UnderWay || (taking == ShareTaking.UnderWayOnce && member.Subscriber.IsKept))
        {
            _underWay.Add(message.Position);
        }

        Change();
        _turn = Next(member);
        return true;
    }

    private void Give(Member member, QueueTailer tailer, SharedSubscriber take)
    {
        member.IsFull = false;
        while (IsWaiting())
        {
            if (_turn is { } holder && holder != member && holder.IsAble)
            {
                holder.Subscriber.Ring();
                return;
            }

            if (!TryGiveNext(member, tailer, take))
            {
                return;
            }
        }
    }

    /// <summary>Returns the next message for the group.</summary>
    private bool TryPeek(QueueTailer tailer, out QueueMessage message, out bool isReturned)
    {
        while (_returned.Count > 0)
        {
            tailer.Seek(_returned.Min);
            if (tailer.TryRead(out message))
            {
                isReturned = true;
                return true;
            }

            _returned.Remove(_returned.Min);
        }

        isReturned = false;
        message = default;
        if (_place.Waiting == RelayPlace.Nothing)
        {
            return false;
        }

        _place.GoOn(tailer);
        while (true)
        {
            if (!tailer.TryRead(out message))
            {
                if (_place.TryRest(tailer))
                {
                    return false;
                }
            }
            else if (message.Position >= from && TopicFilter.Matches(filter, PublishedRecord.View.Of(message.Payload).Topic))
            {
                return true;
            }
            else
            {
                _place.Passed(message.Position);
            }
        }
    }

    private bool IsWaiting()
    {
        return _returned.Count > 0 || _place.Waiting != RelayPlace.Nothing;
    }

    private void RingTurn()
    {
        if (_turn is not { IsAble: true })
        {
            _turn = Next(_turn);
        }

        if (_turn is { IsAble: true } able)
        {
            able.Subscriber.Ring();
        }
    }

    /// <summary>Returns the next member in turn that can take a message; the given member if no other can.</summary>
    private Member? Next(Member? before)
    {
        int start = before is null ? -1 : _members.IndexOf(before);
        for (int step = 1; step <= _members.Count; step++)
        {
            Member member = _members[(start + step) % _members.Count];
            if (member.IsAble && member != before)
            {
                return member;
            }
        }

        return before;
    }

    private Member? Find(Subscriber subscriber)
    {
        return _members.Find(member => member.Subscriber == subscriber);
    }

    private void Recount()
    {
        _present = _members.Count(member => member.Subscriber.IsPresent);
        _isPromised = _members.Exists(member => member.Shared!.Subscription.Options.Qos != MqttQos.AtMostOnce);
        Change();
    }

    private void Change()
    {
        changed.TryAdd(this, true);
    }

    private sealed class Member(Subscriber subscriber)
    {
        public Subscriber Subscriber => subscriber;

        public SharedSubscription? Shared { get; set; }

        /// <summary>Whether the member had no capacity the last time it fetched messages.</summary>
        public bool IsFull { get; set; }

        public bool IsAble => !IsFull && subscriber.IsPresent && !subscriber.IsWriting;
    }
}
