using System.Text;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal.Sessions;

/// <summary>
/// One session in the store. Its connection saves what has changed before it sends anything that speaks of it, so that after a kill
/// nothing was said that is forgotten. Saving is thread-safe; the rest is of the loop that reads.
/// </summary>
internal sealed class SessionRecords : IAppendNote
{
    private readonly Lock _saving = new();
    private readonly SessionStore _store;
    private readonly EndpointSession _session;
    private readonly byte[] _key;
    private volatile bool _termsChanged = true;
    private volatile bool _incomingChanged = true;
    private bool _isOver;

    // The message of QoS 2 at hand, and where it will lie if it does.
    private ushort _relayedId;
    private ushort _announcedId;
    private AnnouncedMessage? _announced;

    public SessionRecords(SessionStore store, EndpointSession session)
    {
        _store = store;
        _session = session;
        _key = SessionStore.KeyOf(Encoding.UTF8.GetBytes(session.ClientId));
        _relayedId = session.RelayedId;
    }

    /// <summary>Whether the session ends with its connection, and only its will outlives the process.</summary>
    public bool IsWillAlone { get; set; }

    /// <summary>Whose it is, when it ends, or its will has changed.</summary>
    public void ChangeTerms()
    {
        _termsChanged = true;
    }

    /// <summary>What its client has published at QoS 2 has changed: a message is stored, or released, or subscribers have one that is not
    /// stored.</summary>
    /// <param name="relayedId">The identifier of that one; 0 for none.</param>
    public void ChangeIncoming(ushort relayedId)
    {
        _relayedId = relayedId;
        _announced = null;
        _incomingChanged = true;
    }

    /// <summary>The next message that is announced has this identifier.</summary>
    public SessionRecords Announce(ushort packetId)
    {
        _announcedId = packetId;
        return this;
    }

    /// <inheritdoc/>
    public bool TryNote(string queue, long position, int length)
    {
        lock (_saving)
        {
            _announced = new AnnouncedMessage(_announcedId, queue, position, length);
            _incomingChanged = true;
            if (_isOver || IsWillAlone || TrySaveIncoming())
            {
                return true;
            }

            // It will not lie there: whoever comes next may have a message as long as this one at that place.
            _announced = null;
            return false;
        }
    }

    /// <summary>Saves everything that has changed.</summary>
    /// <returns>False when it cannot be written now.</returns>
    public bool TrySave()
    {
        lock (_saving)
        {
            return _isOver || (TrySaveTerms() && (IsWillAlone || (TrySaveIncoming() && TrySaveSubscriber())));
        }
    }

    /// <summary>Saves what is under way to the client, and how far it has come.</summary>
    /// <returns>False when it cannot be written now.</returns>
    public bool TrySaveDelivery()
    {
        lock (_saving)
        {
            return _isOver || IsWillAlone || TrySaveSubscriber();
        }
    }

    /// <summary>The session has ended: nothing is kept of it any more.</summary>
    public void End()
    {
        lock (_saving)
        {
            _isOver = true;
            _store.RemoveSession(_key);
        }
    }

    private bool TrySaveTerms()
    {
        if (_termsChanged)
        {
            _termsChanged = false;
            _termsChanged = !_store.TryPut(RecordKind.Terms, _key, WriteTerms);
        }

        return !_termsChanged;
    }

    private bool TrySaveIncoming()
    {
        if (_incomingChanged)
        {
            _incomingChanged = !_store.TryPut(RecordKind.Incoming, _key, WriteIncoming);
        }

        return !_incomingChanged;
    }

    private bool TrySaveSubscriber()
    {
        if (_session.Subscriber is not { } subscriber)
        {
            return true;
        }

        // Said to be saved before it is looked at: what changes meanwhile is saved the next time.
        bool isMoved = subscriber.Window.IsChanged;
        subscriber.Window.IsChanged = false;
        Action<RecordWriter>? window = isMoved ? WriterOf(subscriber) : null;

        // What a group has given stands there first: what stands nowhere else was not sent.
        if (subscriber.TrySaveGroups() && TrySaveSubscriptions(subscriber)
            && (window is null || _store.TryPut(RecordKind.Window, _key, window)))
        {
            return true;
        }

        if (isMoved)
        {
            subscriber.Window.IsChanged = true;
        }

        return false;
    }

    /// <summary>
    /// Writes what is under way. With groups, as it is before they are saved: what a client answers meanwhile would be gone here and known
    /// there, and so be another member's after a kill.
    /// </summary>
    private static Action<RecordWriter> WriterOf(Subscriber subscriber)
    {
        if (!subscriber.UsesGroups)
        {
            return subscriber.WriteWindow;
        }

        RecordWriter before = new();
        subscriber.WriteWindow(before);
        return writer => writer.Write(before.Written);
    }

    private bool TrySaveSubscriptions(Subscriber subscriber)
    {
        if (subscriber.IsChanged)
        {
            subscriber.IsChanged = false;
            if (!_store.TryPut(RecordKind.Subscriptions, _key, subscriber.WriteSubscriptions))
            {
                subscriber.IsChanged = true;
                return false;
            }
        }

        return true;
    }

    private void WriteTerms(RecordWriter writer)
    {
        long monotonic = _store.Clock.MonotonicNanos;
        long utc = _store.Clock.UtcNanos;
        writer.WriteFlag(_session.User is not null);
        writer.WriteBytes(Encoding.UTF8.GetBytes(_session.User ?? ""));
        writer.WriteUInt32(_session.ExpirySeconds);
        writer.WriteInt64(_session.Owner is not null ? StoredSession.FromTheStart : Dated(_session.ExpiresAt));
        writer.WriteInt64(_session.Will is null ? StoredSession.FromTheStart : Dated(_session.WillDueAt));
        writer.WriteFlag(_session.StoredWill is not null);
        if (_session.StoredWill is { } will)
        {
            WillRecord.Write(writer, will);
        }

        long Dated(long at)
        {
            return at == long.MaxValue ? long.MaxValue : utc + (at - monotonic);
        }
    }

    private void WriteIncoming(RecordWriter writer)
    {
        _session.Received.Write(writer);
        writer.WriteUInt16(_relayedId);
        writer.WriteFlag(_announced is not null);
        if (_announced is { } announced)
        {
            writer.WriteUInt16(announced.PacketId);
            writer.WriteBytes(Encoding.UTF8.GetBytes(announced.Queue));
            writer.WriteInt64(announced.Position);
            writer.WriteInt32(announced.Length);
        }
    }
}

/// <summary>A message of QoS 2 that was about to be stored.</summary>
/// <param name="PacketId">Its identifier.</param>
/// <param name="Queue">Where: the name of a queue, empty for the dead letters, <see cref="RelayQueue.NoteName"/> for the relay.</param>
/// <param name="Position">The position it was to have.</param>
/// <param name="Length">Its bytes there.</param>
internal sealed record AnnouncedMessage(ushort PacketId, string Queue, long Position, int Length);
