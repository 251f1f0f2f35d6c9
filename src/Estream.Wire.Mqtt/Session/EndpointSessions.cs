using Estream.Wire.Mqtt.Internal.Serving;
using Estream.Wire.Mqtt.Internal.Sessions;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>The result of attaching a session.</summary>
internal enum AttachStatus
{
    Attached,

    /// <summary>Another connection uses the client identifier. Close it, wait for its end, and try again.</summary>
    Occupied,

    /// <summary>The limit of sessions is reached.</summary>
    Full,

    /// <summary>The session belongs to another user and cannot be taken over.</summary>
    OthersSession,
}

/// <summary>All sessions of an endpoint by client identifier. Thread-safe.</summary>
internal sealed class EndpointSessions(int maxSessions, int maxPerUser)
{
    /// <summary>The maximum memory in bytes for wills that are not due yet, or wait for a queue that cannot be written.</summary>
    public const long MaxWillBytes = 64 * 1024 * 1024;

    private const long NanosPerSecond = 1_000_000_000;
    private const int WillOverhead = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, EndpointSession> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _perUser = new(StringComparer.Ordinal);
    private readonly Queue<WillMessage> _wills = new();
    private readonly Doorbell _willDue = new();
    private long _willBytes;
    private int _willsGivenUp;

    /// <summary>The persistent session store; null if sessions do not survive a restart.</summary>
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

    /// <summary>Copies the list of sessions. Connecting and disconnecting clients wait meanwhile.</summary>
    public EndpointSession[] ToArray()
    {
        lock (_lock)
        {
            return [.. _sessions.Values];
        }
    }

    /// <summary>Counts the sessions by their state.</summary>
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

    /// <summary>Restores a session of an earlier process. Must be called before the first client connects.</summary>
    /// <returns>False if the limit of sessions is reached.</returns>
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

    /// <summary>Ends a session of an earlier process that cannot be restored, and publishes its will.</summary>
    public void EndRestored(EndpointSession session)
    {
        lock (_lock)
        {
            PublishWill(session);
            session.Clear();
        }
    }

    /// <summary>Restores a will that was due but not published.</summary>
    public void RestoreWill(WillMessage will)
    {
        lock (_lock)
        {
            _willBytes += CostOf(will);
            Enqueue(will);
        }
    }

    /// <summary>Reserves memory for the will of a restored session. Returns null if the limit is reached.</summary>
    public WillMessage? KeepRestored(WillMessage? will)
    {
        lock (_lock)
        {
            return Keep(will);
        }
    }

    /// <summary>
    /// Attaches a connection to a session: a new session, or the session that its client left. While a session exists, its client
    /// identifier belongs to its user, whether the client is connected or not.
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
                // An expired session ends here, even if the sweeper has not run since.
                Settle(session, now);
            }

            if (_sessions.TryGetValue(clientId, out session))
            {
                if (user is not null && session.User is not null && session.User != user)
                {
                    // Client identifiers are often serial numbers. Knowing one must not be enough to end the session of its device.
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
                    // The session ends here, and the delay of its will with it [MQTT-3.1.2-8]. Only resuming this same session would
                    // have cancelled the will [MQTT-3.1.3-9].
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

    /// <summary>Detaches a session from its connection.</summary>
    /// <param name="session">The session.</param>
    /// <param name="expirySeconds">How many seconds the session outlives the connection.</param>
    /// <param name="will">The will to publish; null after a normal disconnection.</param>
    /// <param name="now">The current time in monotonic nanoseconds.</param>
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

            // If the store cannot be written, the session survives only as long as this process.
            _ = session.Records?.TrySave();
        }
    }

    /// <summary>Ends expired sessions and collects the wills that are due.</summary>
    public void Sweep(long now)
    {
        lock (_lock)
        {
            foreach (EndpointSession session in _sessions.Values)
            {
                if (session.Owner is null)
                {
                    // Removing the current entry of a Dictionary does not disturb its enumeration.
                    Settle(session, now);
                }
            }
        }
    }

    /// <summary>Ends the sessions that still need messages before a position of the relay.</summary>
    /// <param name="limit">The relay drops the messages before this position.</param>
    /// <param name="connected">Receives the connections of such sessions. The caller must close them.</param>
    /// <param name="ended">The number of sessions that were ended.</param>
    /// <returns>The oldest position that the remaining sessions need.</returns>
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
                    // A publisher may have offered a message because it saw the client just before the client disconnected.
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

    /// <summary>Ends the sessions of users that no longer exist. Their wills are not published.</summary>
    /// <param name="isUser">Returns whether a user of a name exists.</param>
    /// <param name="connected">Receives the connections of such sessions. The caller must close them.</param>
    /// <returns>The number of sessions that were ended.</returns>
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

    /// <summary>Waits until a will becomes due; at once if one became due since the last wait. One caller at a time.</summary>
    /// <returns>Whether a will is due; false if the time has passed or the wait was cancelled.</returns>
    public Task<bool> AwaitWillAsync(TimeSpan longest, CancellationToken cancellation) => _willDue.WaitAsync(longest, cancellation);

    /// <summary>Returns the next will to publish. It stays in the queue until <see cref="RemoveWill"/>.</summary>
    public WillMessage? PeekWill()
    {
        lock (_lock)
        {
            return _wills.TryPeek(out WillMessage? will) ? will : null;
        }
    }

    /// <summary>Removes the first will of the queue after it was published.</summary>
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

    /// <summary>Returns how many wills were discarded since the last call because the memory limit was reached.</summary>
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

    /// <summary>Returns the user with the most sessions; null if no session has a user.</summary>
    private string? Greediest() => _perUser.Count == 0 ? null : _perUser.MaxBy(entry => entry.Value).Key;

    /// <summary>Ends the disconnected session that would expire first, among the sessions of a user or, if the user is null, among all
    /// sessions.</summary>
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
            Enqueue(will with { StoredAs = storedAs, User = session.User });
            session.Will = null;
            session.StoredWill = null;
            session.Records?.ChangeTerms();
        }
    }

    private void Enqueue(WillMessage will)
    {
        _wills.Enqueue(will);
        _willDue.Ring();
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

    /// <summary>Ends a session before it expires: at once if its client is disconnected, otherwise with its connection.</summary>
    private void EndNow(EndpointSession session, List<EndpointConnection> connected)
    {
        if (session.Owner is { } owner)
        {
            // From here on the session misses messages, so it must not be restored after a crash.
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
