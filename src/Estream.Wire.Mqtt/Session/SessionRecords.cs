using System.Text;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal.Sessions;

/// <summary>
/// The records of one session in the store. The connection saves changed records before it sends a packet that depends on them, so that a
/// crash loses no state that the peer was told. Saving is thread-safe; the other members belong to the read loop.
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

    // The current QoS 2 message, and the position it will have if its append is committed.
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

    /// <summary>Whether the session ends with its connection and only its will is stored.</summary>
    public bool IsWillAlone { get; set; }

    /// <summary>Marks the terms as changed: user, expiry or will.</summary>
    public void ChangeTerms()
    {
        _termsChanged = true;
    }

    /// <summary>Marks the incoming QoS 2 state as changed: a message was stored, released, or relayed without being stored yet.</summary>
    /// <param name="relayedId">The identifier of the message that is relayed but not stored; 0 for none.</param>
    public void ChangeIncoming(ushort relayedId)
    {
        _relayedId = relayedId;
        _announced = null;
        _incomingChanged = true;
    }

    /// <summary>Sets the packet identifier of the next message that <see cref="TryNote"/> announces.</summary>
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

            // The append fails, so the message will not be in the queue. A later message of the same length may get that position.
            _announced = null;
            return false;
        }
    }

    /// <summary>Saves all changes.</summary>
    /// <returns>False if the store cannot be written now.</returns>
    public bool TrySave()
    {
        lock (_saving)
        {
            return _isOver || (TrySaveTerms() && (IsWillAlone || (TrySaveIncoming() && TrySaveSubscriber())));
        }
    }

    /// <summary>Saves the in-flight messages of the client and its position in the relay.</summary>
    /// <returns>False if the store cannot be written now.</returns>
    public bool TrySaveDelivery()
    {
        lock (_saving)
        {
            return _isOver || IsWillAlone || TrySaveSubscriber();
        }
    }

    /// <summary>Removes the records of the session, which has ended. Later saves do nothing.</summary>
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

        // Clear the flag before reading the window, so that a concurrent change is saved the next time.
        bool isMoved = subscriber.Window.IsChanged;
        subscriber.Window.IsChanged = false;
        Action<RecordWriter>? window = isMoved ? WriterOf(subscriber) : null;

        // Save the groups first, so that the group of each message that is sent has recorded the message as given.
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
    /// Returns the action that writes the in-flight messages. If the session uses groups, their state before the groups are saved is
    /// written. Otherwise an acknowledgement that arrives in between would remove a message here but not in its group. After a crash the
    /// group would give the message to another member.
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

/// <summary>A QoS 2 message whose append was about to be committed.</summary>
/// <param name="PacketId">The packet identifier.</param>
/// <param name="Queue">The name of the queue; empty for the dead letters, <see cref="RelayQueue.NoteName"/> for the relay.</param>
/// <param name="Position">The position that the message would get.</param>
/// <param name="Length">The length of the message in the queue, in bytes.</param>
internal sealed record AnnouncedMessage(ushort PacketId, string Queue, long Position, int Length);
