using Estream.Core;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal.Sessions;

/// <summary>Restores the sessions of an earlier process, before the first client connects and anything is appended.</summary>
internal sealed class SessionRecovery(EndpointCore core, SessionStore store, IngressSinks sinks)
{
    private readonly Dictionary<string, StoredSession> _sessions = new(StringComparer.Ordinal);
    private readonly List<StoredGroup> _groups = [];
    private readonly List<WillMessage> _wills = [];
    private readonly List<EndpointSession> _dropped = [];
    private readonly long _now = core.Clock.MonotonicNanos;
    private readonly long _utc = core.Clock.UtcNanos;
    private long _oldest;

    /// <exception cref="EstreamException">The session store or the relay cannot be read.</exception>
    public void Run()
    {
        store.Read(Take);
        if (core.Serving is { } serving && !IsInRelay(serving.Relay))
        {
            // The positions of the sessions are not in the relay: the machine lost power, or the files were replaced.
            core.Events.Report(AdapterEventKind.Degraded,
                $"{_sessions.Count} sessions were ended: they refer to messages that the relay does not contain.");
            _sessions.Clear();
            _groups.Clear();
            store.Clear();
        }

        RestoreGroups();
        foreach (StoredSession stored in _sessions.Values)
        {
            Restore(stored);
        }

        // Only now are all members of the groups restored, so that messages of an ended session go to another member.
        _dropped.ForEach(core.Sessions.EndRestored);
        EndEmptyGroups();
        _wills.ForEach(core.Sessions.RestoreWill);
        OfferAgain();
        Tell();
    }

    private void Take(RecordKind kind, ReadOnlySpan<byte> name, ReadOnlySpan<byte> record)
    {
        switch (kind)
        {
            case RecordKind.Store:
                break;
            case RecordKind.Will:
                RecordReader reader = new(record);
                long number = BitConverter.ToInt64(name);
                store.SkipWillNumber(number);
                _wills.Add(WillRecord.Read(ref reader) with { StoredAs = number });
                break;
            case RecordKind.Group:
                _groups.Add(StoredGroup.Read(name, record));
                break;
            default:
                StoredSession session = new(name.ToArray());
                if (!_sessions.TryAdd(session.ClientId, session))
                {
                    session = _sessions[session.ClientId];
                }

                session.Add(kind, record);
                break;
        }
    }

    private bool IsInRelay(RelayQueue relay)
    {
        long end = relay.Next();
        return _sessions.Values.All(session => session.Furthest < end) && _groups.TrueForAll(group => group.LastRead < end);
    }

    private void RestoreGroups()
    {
        if (core.Serving is not { } serving)
        {
            _groups.ForEach(group => store.Remove(RecordKind.Group, SessionStore.KeyOf(group.Name)));
            return;
        }

        _oldest = serving.Relay.Oldest();
        foreach (StoredGroup stored in _groups)
        {
            long[] underWay =
            [
                // A session without its Terms record was being removed when the process crashed.
                .. _sessions.Values.Where(session => session.IsWhole).SelectMany(session => session.UnderWay)
                    .Where(delivery => delivery.Position >= _oldest && delivery.Group.AsSpan().SequenceEqual(stored.Name))
                    .Select(delivery => delivery.Position),
            ];
            SharedSubscriptionGroup group = serving.Groups.Make(stored.Name, stored.From);
            group.Restore(stored.LastRead, underWay, [.. stored.Known.Where(position => position >= _oldest)]);
            serving.Groups.Restore(group);
        }
    }

    private void Restore(StoredSession stored)
    {
        // Limit the lifetime to the expiry interval, even if the machine's clock was set back meanwhile.
        long longest = After(_now, stored.ExpirySeconds);
        long expiresAt = stored.ExpiresAt == StoredSession.FromTheStart ? longest : Math.Min(longest, Monotonic(stored.ExpiresAt));
        WillMessage? will = core.Sessions.KeepRestored(stored.Will);
        EndpointSession session = new(stored.ClientId, stored.User)
        {
            ExpirySeconds = stored.ExpirySeconds,
            ExpiresAt = expiresAt,
            Will = will,
            StoredWill = will,
        };
        if (will is not null)
        {
            long delayed = After(_now, will.DelaySeconds);
            session.WillDueAt = Math.Min(expiresAt,
                stored.WillDueAt == StoredSession.FromTheStart ? delayed : Math.Min(delayed, Monotonic(stored.WillDueAt)));
        }
        else
        {
            session.WillDueAt = expiresAt;
        }

        RestoreIncoming(session, stored);
        session.Records = new SessionRecords(store, session);
        if (!stored.IsWhole || !TryRestoreSubscriber(session, stored) || !core.Sessions.TryRestore(session))
        {
            _dropped.Add(session);
        }
        else if (stored.ExpiresAt == StoredSession.FromTheStart || stored.Announced is not null)
        {
            // Save this decision now, so that the next start does not decide again with less information.
            _ = session.Records.TrySave();
        }
    }

    private void RestoreIncoming(EndpointSession session, StoredSession stored)
    {
        foreach (ushort id in stored.Received)
        {
            session.Received.Add(id);
        }

        session.RelayedId = stored.RelayedId;
        if (stored.Announced is not { } announced)
        {
            return;
        }

        // The append was about to be committed when the process ended. The queue shows whether it was committed.
        if (announced.Queue == RelayQueue.NoteName)
        {
            bool isRelayed = core.Serving?.Relay.Earlier.Has(announced.Position, announced.Length) == true;
            session.RelayedId = isRelayed ? announced.PacketId : session.RelayedId;
        }
        else if (EarlierOf(announced.Queue)?.Has(announced.Position, announced.Length) == true)
        {
            session.Received.Add(announced.PacketId);
            session.RelayedId = session.RelayedId == announced.PacketId ? (ushort)0 : session.RelayedId;
        }
    }

    private PreexistingMessages? EarlierOf(string queue)
    {
        if (queue.Length == 0)
        {
            return sinks.DeadLetters.Earlier;
        }

        return sinks.TryGet(queue, out IngressSink? sink) ? sink.Earlier : null;
    }

    private bool TryRestoreSubscriber(EndpointSession session, StoredSession stored)
    {
        if (stored.Subscriptions.Count == 0 && stored.UnderWay.Count == 0)
        {
            return true;
        }

        if (core.Serving is not { } serving)
        {
            return false;
        }

        session.Subscriber = serving.CreateSubscriber(session.User);
        ClientAccess access = core.Credentials.Access!.Of(session.User, session.ClientId);
        if (!session.Subscriber.TryRestore(stored, _oldest, name => access.MayReadAll(SharedSubscriptions.FilterOf(name))))
        {
            return false;
        }

        // Retained messages that an earlier connection did not receive are sent on the next connection.
        session.Subscriber.BeginRetained();
        return true;
    }

    private void EndEmptyGroups()
    {
        if (core.Serving is { } serving)
        {
            serving.Groups.EndEmpty();
        }
    }

    private void OfferAgain()
    {
        if (core.Serving is not { } serving)
        {
            return;
        }

        if (_sessions.Values.Any(session => session.Subscriptions.Count > 0 || session.UnderWay.Count > 0))
        {
            serving.Relay.OfferAgain(serving.Index);
        }
        else
        {
            serving.Relay.BeginAnew();
        }
    }

    private void Tell()
    {
        if (_dropped.Count > 0)
        {
            core.Events.Report(
                AdapterEventKind.Degraded,
                $"The endpoint ended {_dropped.Count} sessions during startup, because the limits (MaxSessions, MaxSubscriptions) or "
                + "the access rights (AclFile) have changed.");
        }
    }

    private long Monotonic(long utc)
    {
        return utc == long.MaxValue ? long.MaxValue : _now + (utc - _utc);
    }

    private static long After(long now, uint seconds)
    {
        return seconds == EndpointSession.NeverExpires ? long.MaxValue : now + (seconds * EndpointCore.NanosPerSecond);
    }
}

/// <summary>The state of a shared subscription, as an earlier process stored it.</summary>
/// <param name="Name">The whole filter.</param>
/// <param name="From">The position in the relay from which messages belong to the group.</param>
/// <param name="LastRead">The position of the last message that was given to a member.</param>
/// <param name="Known">The positions of messages that were in flight to a member or returned from one.</param>
internal sealed record StoredGroup(byte[] Name, long From, long LastRead, long[] Known)
{
    public static StoredGroup Read(ReadOnlySpan<byte> name, ReadOnlySpan<byte> record)
    {
        RecordReader reader = new(record);
        long from = reader.ReadInt64();
        long lastRead = reader.ReadInt64();
        long[] known = new long[reader.ReadInt32()];
        for (int index = 0; index < known.Length; index++)
        {
            known[index] = reader.ReadInt64();
        }

        return new StoredGroup(name.ToArray(), from, lastRead, known);
    }
}
