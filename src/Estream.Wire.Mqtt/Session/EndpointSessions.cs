using Estream.Wire.Mqtt.Internal.Serving;
using Estream.Wire.Mqtt.Internal.Sessions;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>What came of asking for a session.</summary>
internal enum AttachStatus
{
    Attached,

    /// <summary>Another connection uses the client identifier: close it, wait for its end, ask again.</summary>
    Occupied,

    /// <summary>There are as many sessions as there may be.</summary>
    Full,

    /// <summary>The session belongs to another user, and stays.</summary>
    OthersSession,
}

/// <summary>All sessions of an endpoint by client identifier. Thread-safe.</summary>
internal sealed class EndpointSessions(int maxSessions, int maxPerUser)
{
    /// <summary>The most memory of wills that are not due yet, or wait for a queue that cannot be written.</summary>
    public const long MaxWillBytes = 64 * 1024 * 1024;

    private const long NanosPerSecond = 1_000_000_000;
    private const int WillOverhead = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, EndpointSession> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _perUser = new(StringComparer.Ordinal);
    private readonly Queue<WillMessage> _wills = new();
    private long _willBytes;
    private int _willsGivenUp;

    /// <summary>What outlives the process; null where nothing does.</summary>
    public SessionStore? Store { get; set; }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _sessions.Count;
            }
        }
    }

    /// <summary>How many there are now, by what they are.</summary>
    public SessionMetrics Figures()
    {
        SessionMetrics figures = new();
        lock (_lock)
        {
            foreach (EndpointSession session in _sessions.Values)
            {
                figures.Add(session);
            }
        }

        return figures;
    }

    /// <summary>Takes over a session that an earlier process has left; before the first client is there.</summary>
    /// <returns>False when there are as many as there may be.</returns>
    public bool TryRestore(EndpointSession session)
    {
        lock (_lock)
        {
            if (_sessions.Count >= maxSessions || !_sessions.TryAdd(session.ClientId, session))
            {
                return false;
            }

            CountOf(session.User, 1);
            return true;
        }
    }

    /// <summary>Ends a session that an earlier process has left and that cannot go on.</summary>
    public void EndRestored(EndpointSession session)
    {
        lock (_lock)
        {
            PublishWill(session);
            session.Clear();
        }
    }

    /// <summary>Takes over a will that was due and is not published.</summary>
    public void RestoreWill(WillMessage will)
    {
        lock (_lock)
        {
            _willBytes += CostOf(will);
            _wills.Enqueue(will);
        }
    }

    /// <summary>Counts the will of a session that an earlier process has left, if there is room for it.</summary>
    public WillMessage? KeepRestored(WillMessage? will)
    {
        lock (_lock)
        {
            return Keep(will);
        }
    }

    /// <summary>
    /// Gives a connection its session: a new one, or the one its client has left. As long as a session lasts, connected or not, its client
    /// identifier belongs to its user.
    /// </summary>
    public AttachStatus Attach(
        string clientId,
        string? user,
        EndpointConnection owner,
        bool cleanStart,
        long now,
        out EndpointSession? session,
        out bool isPresent,
        out EndpointConnection? occupant)
    {
        lock (_lock)
        {
            isPresent = false;
            occupant = null;
            if (_sessions.TryGetValue(clientId, out session) && session.Owner is null)
            {
                // What is over by now is over, also where the sweeper was not there yet.
                Settle(session, now);
            }

            if (_sessions.TryGetValue(clientId, out session))
            {
                if (user is not null && session.User is not null && session.User != user)
                {
                    // Client identifiers are often serial numbers: who knows one must not end the session of its device.
                    return AttachStatus.OthersSession;
                }

                occupant = session.Owner;
                if (occupant is not null)
                {
                    return AttachStatus.Occupied;
                }

                isPresent = !cleanStart && session.User == user;
                if (!isPresent)
                {
                    // The session ends here, and with it the delay of its will [MQTT-3.1.2-8]; only to this very session can a client
                    // come back and take the will away [MQTT-3.1.3-9].
                    PublishWill(session);
                    session.Clear();
                    CountOf(session.User, -1);
                    session.User = user;
                    CountOf(user, 1);
                }
            }
            else if ((user is not null && _perUser.GetValueOrDefault(user) >= maxPerUser && !TryEndAbsent(user))
                || (_sessions.Count >= maxSessions && !TryEndAbsent(Greediest()) && !TryEndAbsent(null)))
            {
                return AttachStatus.Full;
            }
            else
            {
                session = new EndpointSession(clientId, user);
                _sessions.Add(clientId, session);
                CountOf(user, 1);
            }

            if (session.Will is { } forbidden)
            {
                _willBytes -= CostOf(forbidden);
                session.Will = null;
            }

            session.StoredWill = null;
            session.Owner = owner;
            session.ExpiresAt = long.MaxValue;
            return AttachStatus.Attached;
        }
    }

    /// <summary>Takes a session back from its connection.</summary>
    /// <param name="session">The session.</param>
    /// <param name="expirySeconds">How long it outlives the connection.</param>
    /// <param name="will">The will to publish, or null after a normal end.</param>
    /// <param name="now">Monotonic nanoseconds.</param>
    public void Detach(EndpointSession session, uint expirySeconds, WillMessage? will, long now)
    {
        lock (_lock)
        {
            session.Owner = null;
            session.ExpirySeconds = expirySeconds;
            session.ExpiresAt = After(now, session.IsOver ? 0 : expirySeconds);
            session.Will = Keep(will);
            session.StoredWill = will is not null && session.Will is null ? null : session.StoredWill;
            session.WillDueAt = Math.Min(session.ExpiresAt, will is null ? long.MaxValue : After(now, will.DelaySeconds));
            session.Records?.ChangeTerms();
            Settle(session, now);

            // Where it cannot be written the process has to live on for the session to do.
            _ = session.Records?.TrySave();
        }
    }

    /// <summary>Ends sessions and collects wills whose time has come.</summary>
    public void Sweep(long now)
    {
        lock (_lock)
        {
            foreach (EndpointSession session in _sessions.Values)
            {
                if (session.Owner is null)
                {
                    // Removing the current entry does not disturb the enumeration of a Dictionary.
                    Settle(session, now);
                }
            }
        }
    }

    /// <summary>Ends the sessions that need more of the relay than there may be of it.</summary>
    /// <param name="limit">What comes before this position is given up.</param>
    /// <param name="connected">Connections of such sessions are added: they are to be closed.</param>
    /// <param name="ended">How many sessions were ended.</param>
    /// <returns>The oldest position the others need.</returns>
    public long EndBehind(long limit, List<EndpointConnection> connected, out int ended)
    {
        long oldest = RelayPlace.Nothing;
        ended = 0;
        lock (_lock)
        {
            foreach (EndpointSession session in _sessions.Values)
            {
                if (session.Owner is null)
                {
                    // Somebody may have offered a message who saw its client just before it went.
                    session.Subscriber?.GiveUpUnpromised();
                }

                long needed = session.Subscriber?.OldestNeeded ?? RelayPlace.Nothing;
                if (needed >= limit)
                {
                    oldest = Math.Min(oldest, needed);
                }
                else if (!session.IsOver)
                {
                    ended++;
                    EndNow(session, connected);
                }
            }
        }

        return oldest;
    }

    /// <summary>Ends the sessions of users that are not there any more; their wills are not published.</summary>
    /// <param name="isUser">Whether there is a user of a name.</param>
    /// <param name="connected">Connections of such sessions are added: they are to be closed.</param>
    /// <returns>How many sessions were ended.</returns>
    public int EndRemoved(Func<string, bool> isUser, List<EndpointConnection> connected)
    {
        int ended = 0;
        lock (_lock)
        {
            foreach (EndpointSession session in _sessions.Values)
            {
                if (session.User is { } user && !session.IsOver && !isUser(user))
                {
                    ended++;
                    DropWill(session);
                    EndNow(session, connected);
                }
            }
        }

        return ended;
    }

    /// <summary>The next will to publish; stays until <see cref="RemoveWill"/>.</summary>
    public WillMessage? PeekWill()
    {
        lock (_lock)
        {
            return _wills.TryPeek(out WillMessage? will) ? will : null;
        }
    }

    /// <summary>Removes the will that is published.</summary>
    public void RemoveWill()
    {
        lock (_lock)
        {
            WillMessage published = _wills.Dequeue();
            _willBytes -= CostOf(published);
            if (published.StoredAs != 0)
            {
                Store?.RemoveWill(published.StoredAs);
            }
        }
    }

    /// <summary>How many wills were given up since the last call, because too many were kept already.</summary>
    public int TakeWillsGivenUp()
    {
        lock (_lock)
        {
            int count = _willsGivenUp;
            _willsGivenUp = 0;
            return count;
        }
    }

    private static long CostOf(WillMessage will)
    {
        return WillOverhead + will.Topic.Length + will.Payload.Length + will.Properties.Length;
    }

    private static long After(long now, uint seconds)
    {
        return seconds == EndpointSession.NeverExpires ? long.MaxValue : now + (seconds * NanosPerSecond);
    }

    private void CountOf(string? user, int change)
    {
        if (user is null)
        {
            return;
        }

        int count = _perUser.GetValueOrDefault(user) + change;
        if (count > 0)
        {
            _perUser[user] = count;
        }
        else
        {
            _perUser.Remove(user);
        }
    }

    /// <summary>The user with the most sessions; null if no session has a user.</summary>
    private string? Greediest() => _perUser.Count == 0 ? null : _perUser.MaxBy(entry => entry.Value).Key;

    /// <summary>Makes room: of the clients that are away, those of one user or all, the one whose session would end first loses it
    /// now.</summary>
    private bool TryEndAbsent(string? user)
    {
        EndpointSession? first = null;
        foreach (EndpointSession session in _sessions.Values)
        {
            if (session.Owner is null && (user is null || session.User == user)
                && (first is null || session.ExpiresAt < first.ExpiresAt))
            {
                first = session;
            }
        }

        if (first is null)
        {
            return false;
        }

        PublishWill(first);
        Remove(first);
        return true;
    }

    private WillMessage? Keep(WillMessage? will)
    {
        if (will is null)
        {
            return null;
        }

        long cost = CostOf(will);
        if (_willBytes + cost > MaxWillBytes)
        {
            _willsGivenUp++;
            return null;
        }

        _willBytes += cost;
        return will;
    }

    private void DropWill(EndpointSession session)
    {
        if (session.Will is { } will)
        {
            _willBytes -= CostOf(will);
            session.Will = null;
            session.StoredWill = null;
            session.Records?.ChangeTerms();
        }
    }

    private void PublishWill(EndpointSession session)
    {
        if (session.Will is { } will)
        {
            long storedAs = session.StoredWill is not null && Store is { } store ? store.PutWill(will) : will.StoredAs;
            _wills.Enqueue(will with { StoredAs = storedAs, User = session.User });
            session.Will = null;
            session.StoredWill = null;
            session.Records?.ChangeTerms();
        }
    }

    private void Settle(EndpointSession session, long now)
    {
        if (session.IsLeftToNextStart)
        {
            return;
        }

        if (session.WillDueAt <= now && session.Will is not null)
        {
            PublishWill(session);
            _ = session.Records?.TrySave();
        }

        if (session.ExpiresAt <= now)
        {
            Remove(session);
        }
    }

    /// <summary>Ends a session without waiting for its time: at once where its client is away, else with its connection.</summary>
    private void EndNow(EndpointSession session, List<EndpointConnection> connected)
    {
        if (session.Owner is { } owner)
        {
            // From here on it has a hole: after a kill it must not be there.
            session.IsOver = true;
            session.Subscriber?.End();
            session.Records?.End();
            connected.Add(owner);
            return;
        }

        PublishWill(session);
        Remove(session);
    }

    private void Remove(EndpointSession session)
    {
        session.Clear();
        if (_sessions.Remove(session.ClientId))
        {
            CountOf(session.User, -1);
        }
    }
}
