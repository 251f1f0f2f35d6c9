using System.Text;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal.Sessions;

/// <summary>A session as an earlier process stored it.</summary>
internal sealed class StoredSession(byte[] name)
{
    /// <summary>Marks a time that counts from the start of the next process, because the end of this process is unknown.</summary>
    public const long FromTheStart = 0;

    public string ClientId { get; } = Encoding.UTF8.GetString(name);

    /// <summary>Whether the Terms record exists. Without it the other records mean nothing.</summary>
    public bool IsWhole { get; private set; }

    public string? User { get; private set; }

    public uint ExpirySeconds { get; private set; }

    /// <summary>When the session expires, in nanoseconds since 1970-01-01 UTC.</summary>
    public long ExpiresAt { get; private set; }

    /// <summary>When the will is due, in nanoseconds since 1970-01-01 UTC.</summary>
    public long WillDueAt { get; private set; }

    public WillMessage? Will { get; private set; }

    public List<ushort> Received { get; } = [];

    public ushort RelayedId { get; private set; }

    public AnnouncedMessage? Announced { get; private set; }

    public List<StoredSubscription> Subscriptions { get; } = [];

    public long LastRead { get; private set; } = -1;

    public List<StoredDelivery> UnderWay { get; } = [];

    /// <summary>The furthest position in the relay that the session refers to; -1 for none.</summary>
    public long Furthest => UnderWay.Where(delivery => delivery.RetainedTopic.Length == 0).Select(delivery => delivery.Position)
        .Append(LastRead).Max();

    /// <summary>The position of the last message handled for the session itself, without groups. In-flight messages count as handled, even
    /// if their positions are after the saved <see cref="LastRead"/>.</summary>
    public long LastOwn => UnderWay
        .Where(delivery => delivery.RetainedTopic.Length == 0 && delivery.Group.Length == 0).Select(delivery => delivery.Position)
        .Append(LastRead).Max();

    /// <summary>Adds a record of the session.</summary>
    public void Add(RecordKind kind, ReadOnlySpan<byte> record)
    {
        RecordReader reader = new(record);
        switch (kind)
        {
            case RecordKind.Terms:
                ReadTerms(ref reader);
                break;
            case RecordKind.Incoming:
                ReadIncoming(ref reader);
                break;
            case RecordKind.Subscriptions:
                ReadSubscriptions(ref reader);
                break;
            case RecordKind.Window:
                ReadWindow(ref reader);
                break;
            default:
                break;
        }
    }

    private void ReadTerms(ref RecordReader reader)
    {
        IsWhole = true;
        bool hasUser = reader.ReadFlag();
        byte[] user = reader.ReadBytes();
        User = hasUser ? Encoding.UTF8.GetString(user) : null;
        ExpirySeconds = reader.ReadUInt32();
        ExpiresAt = reader.ReadInt64();
        WillDueAt = reader.ReadInt64();
        Will = reader.ReadFlag() ? WillRecord.Read(ref reader) : null;
    }

    private void ReadIncoming(ref RecordReader reader)
    {
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            Received.Add(reader.ReadUInt16());
        }

        RelayedId = reader.ReadUInt16();
        if (reader.ReadFlag())
        {
            ushort id = reader.ReadUInt16();
            string queue = Encoding.UTF8.GetString(reader.ReadBytes());
            long position = reader.ReadInt64();
            Announced = new AnnouncedMessage(id, queue, position, reader.ReadInt32());
        }
    }

    private void ReadSubscriptions(ref RecordReader reader)
    {
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            byte[] filter = reader.ReadBytes();
            byte options = reader.ReadByte();
            uint identifier = reader.ReadUInt32();
            long from = reader.ReadInt64();
            Subscriptions.Add(new StoredSubscription(filter, options, identifier, from, reader.ReadFlag()));
        }
    }

    private void ReadWindow(ref RecordReader reader)
    {
        List<byte[]> groups = [];
        LastRead = reader.ReadInt64();
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            ushort id = reader.ReadUInt16();
            MqttQos qos = (MqttQos)reader.ReadByte();
            OutState state = (OutState)reader.ReadByte();
            long position = reader.ReadInt64();
            byte[] topic = reader.ReadBytes();
            UnderWay.Add(new StoredDelivery(id, qos, state, position, topic, ReadGroup(ref reader, groups)));
        }
    }

    /// <summary>Reads the name of a group. A negative length is the number of a name that was read before.</summary>
    private static byte[] ReadGroup(ref RecordReader reader, List<byte[]> groups)
    {
        int length = reader.ReadInt32();
        if (length < 0)
        {
            return groups[-length - 1];
        }

        byte[] name = reader.ReadBytes(length);
        if (length > 0)
        {
            groups.Add(name);
        }

        return name;
    }
}

/// <summary>A subscription as an earlier process stored it.</summary>
/// <param name="Filter">The whole filter; for a shared subscription including the name of the group.</param>
/// <param name="Options">The Subscription Options byte.</param>
/// <param name="Identifier">The Subscription Identifier; 0 for none.</param>
/// <param name="From">The position in the relay from which messages belong to the subscription.</param>
/// <param name="BringsRetained">Whether retained messages were still to be sent for it.</param>
internal sealed record StoredSubscription(byte[] Filter, byte Options, uint Identifier, long From, bool BringsRetained);

/// <summary>A message that was in flight to the client.</summary>
/// <param name="Id">The packet identifier.</param>
/// <param name="Qos">The QoS with which it was sent.</param>
/// <param name="State">The state of its acknowledgement.</param>
/// <param name="Position">Its position in the relay.</param>
/// <param name="RetainedTopic">The topic of a retained message; otherwise empty.</param>
/// <param name="Group">The whole filter of the shared subscription it was sent for; otherwise empty.</param>
internal sealed record StoredDelivery(ushort Id, MqttQos Qos, OutState State, long Position, byte[] RetainedTopic, byte[] Group);

/// <summary>The kind of an entry in the session store: the first byte of its key. The numbers are stored on disk and must never
/// change.</summary>
internal enum RecordKind : byte
{
    /// <summary>The store itself: the relay to which its positions refer. The key has no more bytes.</summary>
    Store = 1,

    /// <summary>The terms of a session: user, expiry and will. The client identifier follows.</summary>
    Terms = 2,

    /// <summary>The subscriptions of a session. The client identifier follows.</summary>
    Subscriptions = 3,

    /// <summary>The position of a session in the relay, and its in-flight messages. The client identifier follows.</summary>
    Window = 4,

    /// <summary>The QoS 2 messages that the client has published and not released. The client identifier follows.</summary>
    Incoming = 5,

    /// <summary>A will that is due. Its number follows.</summary>
    Will = 6,

    /// <summary>The state of a shared subscription. Its whole filter follows.</summary>
    Group = 7,
}
