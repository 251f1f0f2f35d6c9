using System.Collections.Concurrent;
using Estream.Queue;
using Estream.Wire.Mqtt.Internal.Sessions;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>What became of a message that was offered to a member.</summary>
internal enum ShareTaking
{
    /// <summary>It is on its way to this member at QoS 1: another one gets it if the session of this one ends first.</summary>
    UnderWay,

    /// <summary>The same at QoS 2, which is finished with this member or with nobody.</summary>
    UnderWayOnce,

    /// <summary>It is sent at QoS 0, or its time is over, or it is too large for the member: done with.</summary>
    Done,

    /// <summary>The member can take nothing now.</summary>
    Full,
}

/// <summary>A member takes a message; in <paramref name="shared"/> stands what it has asked for.</summary>
internal delegate ShareTaking SharedSubscriber(in QueueMessage message, SharedSubscription shared);

/// <summary>
/// The sessions of one shared subscription (section 4.8.2): one place in the relay for all of them, and each message for one, in turn, that
/// is there and has room. Members come for a message themselves, one at a time. Thread-safe.
/// </summary>
/// <remarks>A message that is under way stays known here until it is answered, so that it comes back where its member's session
/// ends.</remarks>
/// <param name="name">The whole filter, byte for byte: by it members find each other.</param>
/// <param name="filter">The filter behind the name of the group.</param>
/// <param name="from">The position from which on messages are for it.</param>
/// <param name="changed">Where it says that it is another than the one that was saved.</param>
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

    // While a member takes messages, and whether somebody has rung meanwhile.
    private volatile bool _isGiving;
    private int _isRung;

    /// <summary>The whole filter, byte for byte: by it members find each other.</summary>
    public byte[] Name => name;

    /// <summary>The bytes it is stored by.</summary>
    public byte[] Key { get; } = SessionStore.KeyOf(name);

    /// <summary>Whether it outlives the process: a session that does is a member.</summary>
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

    /// <summary>From where on the relay has to be kept for it.</summary>
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

    /// <summary>Takes a member in, or what it asks for now.</summary>
    /// <returns>False when there are as many as there may be.</returns>
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

    /// <summary>Lets a member go.</summary>
    /// <returns>Whether it was the last one.</returns>
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

    /// <summary>A member's client has come or gone.</summary>
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
            // A member may read over much that is not for the group, and who publishes must not wait for that. Said first and then looked
            // at once more; the other side first ends and then looks, and both steps are full fences.
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

    /// <summary>A member has time: gives it the next message if it is its turn, or nobody else can take one.</summary>
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

    /// <summary>A member is about to wait for its client to take what it was sent: the others need not.</summary>
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

    /// <summary>A message that was under way is done with, by an answer of whatever kind [MQTT-4.8.2-6], or with the session that had it at
    /// QoS 2 [MQTT-4.8.2-5].</summary>
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

    /// <summary>The session that had a message under way at QoS 1 has ended: it is for another member.</summary>
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

    /// <summary>Gives up what lies before a position of the relay.</summary>
    /// <param name="limit">The position.</param>
    /// <param name="tailers">Readers of the relay.</param>
    /// <returns>Whether something was waiting there.</returns>
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

    /// <summary>Writes its place, and what its members have or had.</summary>
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

    /// <summary>Goes on where an earlier process was.</summary>
    /// <param name="lastRead">The last message a member was given.</param>
    /// <param name="underWay">What sessions have under way; the rest of what is known is for another member.</param>
    /// <param name="known">What was under way, or had come back.</param>
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

    /// <returns>False when this member is not to be given another one now.</returns>
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

        // What a session has at QoS 2 that ends with this process is lost with it, and need not be known [MQTT-4.8.2-5].
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

    /// <summary>The next message for the group.</summary>
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

    /// <summary>The next member that can take a message, in turn; the one before where no other can.</summary>
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

        /// <summary>Whether it had no room the last time it came.</summary>
        public bool IsFull { get; set; }

        public bool IsAble => !IsFull && subscriber.IsPresent && !subscriber.IsWriting;
    }
}
