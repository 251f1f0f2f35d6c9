using System.Text;
using Estream.Core;
using Estream.Map;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>
/// The known state of the session that the broker keeps: the owner of the session, and the QoS 2 packet identifiers in use. The state is in
/// a map that belongs to the adapter, so that it survives a crash of the process. Thread-safe.
/// </summary>
/// <remarks>
/// A client without known state starts a new session and does not resume the broker's [MQTT-3.2.2-4]. After a power loss, which may have
/// undone changes, the state counts as unknown.
/// </remarks>
internal sealed class ClientSession : IDisposable
{
    private const string Name = "session";
    private const byte OwnerKey = 0;
    private const byte ReceivedKey = 1;
    private const byte SentKey = 2;

    // New messages start in a part of the identifier range without leftover identifiers. A part is larger than the in-flight window.
    private const int PartSize = 2 * OutboundWindow.Capacity;
    private const int Parts = ushort.MaxValue / PartSize;

    private readonly Lock _lock = new();
    private readonly ByteMap? _map;
    private readonly byte[] _owner;
    private readonly HashSet<ushort> _left = [];

    private ClientSession(ByteMap? map, string owner)
    {
        _map = map;
        _owner = Encoding.UTF8.GetBytes(owner);
        Received = new PacketIdSet(OnReceived);
        if (map is not null)
        {
            Load(map);
        }

        FirstFreeId = FindFree();
    }

    /// <summary>Whether there is a session to resume.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>
    /// Whether the broker has a session whose state is unknown here. The next connection then sets Clean Start and expiry 0, and the
    /// connection after it begins a new session. Otherwise Clean Start is not used, because mosquitto 2.0 does not persist a session that
    /// began with it.
    /// </summary>
    public bool IsToBeDiscarded { get; set; }

    /// <summary>The packet identifiers of the broker's QoS 2 messages that are stored and not released.</summary>
    public PacketIdSet Received { get; }

    /// <summary>The packet identifier for the first message of this process.</summary>
    public ushort FirstFreeId { get; }

    /// <summary>Opens the state of an earlier process. The state is not persistent if the host has no directory for adapters.</summary>
    /// <param name="place">The directory of the adapter; null for none.</param>
    /// <param name="owner">The broker and client identifier. The state of another owner is discarded.</param>
    /// <exception cref="EstreamException">The map cannot be created, opened or read.</exception>
    public static ClientSession Open(AdapterPlace? place, string owner)
    {
        if (place is null)
        {
            return new ClientSession(null, owner);
        }

        ByteMap map = ByteMap.Open(Path.Combine(place.Directory, Name), new ByteMapOptions
        {
            Storage = place.Queues.Storage,
            Clock = place.Queues.Clock,
        });
        try
        {
            return new ClientSession(map, owner);
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    /// <summary>Begins a new session of the broker. Discards the state of the earlier one [MQTT-3.2.2-5].</summary>
    /// <exception cref="EstreamException">The change cannot be saved.</exception>
    public void Begin()
    {
        lock (_lock)
        {
            Received.Clear();
            _left.Clear();
            _map?.Clear();
            _map?.Put([OwnerKey], _owner);
            IsKnown = true;
        }
    }

    /// <summary>Saves the packet identifier of a QoS 2 message that is about to be sent for the first time.</summary>
    /// <exception cref="EstreamException">The change cannot be saved.</exception>
    public void Sent(ushort id)
    {
        lock (_lock)
        {
            _map?.Put(KeyOf(SentKey, id), default);
        }
    }

    /// <summary>Removes the packet identifier of a completed QoS 2 message.</summary>
    /// <exception cref="EstreamException">The change cannot be saved.</exception>
    public void Done(ushort id)
    {
        lock (_lock)
        {
            _map?.Remove(KeyOf(SentKey, id));
        }
    }

    /// <summary>Returns the identifiers that an earlier process left in flight. The broker may still wait for their PUBREL.</summary>
    public ushort[] Left()
    {
        lock (_lock)
        {
            return [.. _left];
        }
    }

    /// <summary>Removes an identifier that an earlier process left in flight, after its PUBCOMP.</summary>
    /// <returns>True if it was such an identifier.</returns>
    public bool Forget(ushort id)
    {
        lock (_lock)
        {
            bool isLeft = _left.Remove(id);
            if (isLeft)
            {
                _map?.Remove(KeyOf(SentKey, id));
            }

            return isLeft;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _map?.Dispose();
        }
    }

    private static byte[] KeyOf(byte kind, ushort id)
    {
        return [kind, (byte)(id >> 8), (byte)id];
    }

    private void Load(ByteMap map)
    {
        bool isOurs = !map.HostCrashed && map.TryGet([OwnerKey], out byte[]? owner) && owner.AsSpan().SequenceEqual(_owner);
        if (!isOurs)
        {
            map.Clear();
            return;
        }

        List<ushort> received = [];
        foreach (ByteMapEntry entry in map)
        {
            ReadOnlySpan<byte> key = entry.Key;
            if (key.Length == 3)
            {
                ushort id = (ushort)((key[1] << 8) | key[2]);
                if (key[0] == SentKey)
                {
                    _left.Add(id);
                }
                else
                {
                    received.Add(id);
                }
            }
        }

        // Add after the enumeration, because each addition writes to the map.
        received.ForEach(Received.Add);
        IsKnown = true;
    }

    private ushort FindFree()
    {
        for (int part = 0; part < Parts; part++)
        {
            int first = 1 + (part * PartSize);
            if (!_left.Any(id => id >= first && id < first + PartSize))
            {
                return (ushort)first;
            }
        }

        return 1;
    }

    private void OnReceived(ushort id, bool isAdded)
    {
        lock (_lock)
        {
            if (isAdded)
            {
                _map?.Put(KeyOf(ReceivedKey, id), default);
            }
            else
            {
                _map?.Remove(KeyOf(ReceivedKey, id));
            }
        }
    }
}
