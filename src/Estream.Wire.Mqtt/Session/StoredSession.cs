using System.Text;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal.Sessions;

/// <summary>A session as an earlier process has left it.</summary>
internal sealed class StoredSession(byte[] name)
{
    /// <summary>Stands for a time that counts from the start of the next process: nobody knows when this one ended.</summary>
    public const long FromTheStart = 0;

    public string ClientId { get; } = Encoding.UTF8.GetString(name);

    /// <summary>Whether its first record is there, without which the others mean nothing.</summary>
    public bool IsWhole { get; private set; }

    public string? User { get; private set; }

    public uint ExpirySeconds { get; private set; }

    /// <summary>When it ends, in nanoseconds since 1970-01-01 UTC.</summary>
    public long ExpiresAt { get; private set; }

    /// <summary>When its will is due, in nanoseconds since 1970-01-01 UTC.</summary>
    public long WillDueAt { get; private set; }

    public WillMessage? Will { get; private set; }

    public List<ushort> Received { get; } = [];

    public ushort RelayedId { get; private set; }

    public AnnouncedMessage? Announced { get; private set; }

    public List<StoredSubscription> Subscriptions { get; } = [];

    public long LastRead { get; private set; } = -1;

    public List<StoredDelivery> UnderWay { get; } = [];

    /// <summary>The furthest position it speaks of; -1 for none.</summary>
    public long Furthest => UnderWay.Where(delivery => delivery.RetainedTopic.Length == 0).Select(delivery => delivery.Position)
        .Append(LastRead).Max();

    /// <summary>The last message that was dealt with for the session alone: what is under way was, also where that was not noted any
    /// more.</summary>
    public long LastOwn => UnderWay
        .Where(delivery => delivery.RetainedTopic.Length == 0 && delivery.Group.Length == 0).Select(delivery => delivery.Position)
        .Append(LastRead).Max();

    /// <summary>Takes a record of the session in.</summary>
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

    /// <summary>The name of a group, or the number of one that was read before.</summary>
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

/// <summary>A subscription as an earlier process has left it.</summary>
/// <param name="Filter">The whole filter, that of a shared subscription with its group.</param>
/// <param name="Options">The byte behind it.</param>
/// <param name="Identifier">Its identifier; 0 for none.</param>
/// <param name="From">The position from which on messages are for it.</param>
/// <param name="BringsRetained">Whether it had still to bring retained messages.</param>
internal sealed record StoredSubscription(byte[] Filter, byte Options, uint Identifier, long From, bool BringsRetained);

/// <summary>A message that was under way to the client.</summary>
/// <param name="Id">Its packet identifier.</param>
/// <param name="Qos">What it was sent with.</param>
/// <param name="State">How far it had come.</param>
/// <param name="Position">Where it lies in the relay.</param>
/// <param name="RetainedTopic">Of a retained message its topic; else empty.</param>
/// <param name="Group">Of a shared subscription the whole filter; else empty.</param>
internal sealed record StoredDelivery(ushort Id, MqttQos Qos, OutState State, long Position, byte[] RetainedTopic, byte[] Group);

/// <summary>What an entry of the session store is about: the first byte of its key. Numbers are kept on disk and never change their
/// meaning.</summary>
internal enum RecordKind : byte
{
    /// <summary>The store itself: which relay its positions are of. No more of a key.</summary>
    Store = 1,

    /// <summary>A session: whose it is, when it ends, its will. The client identifier follows.</summary>
    Terms = 2,

    /// <summary>Its subscriptions.</summary>
    Subscriptions = 3,

    /// <summary>Its place in the relay, and what is under way to its client.</summary>
    Window = 4,

    /// <summary>The messages of QoS 2 its client has published and not released.</summary>
    Incoming = 5,

    /// <summary>A will that is due. Its number follows.</summary>
    Will = 6,

    /// <summary>The place of the members of a shared subscription. Its filter follows.</summary>
    Group = 7,
}
