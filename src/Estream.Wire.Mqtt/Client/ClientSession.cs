using System.Text;
using Estream.Core;
using Estream.Map;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>
/// What a client knows of the session its broker keeps, in a map of the adapter's own, so that it is there after the death of the process:
/// whose session it is, and the identifiers of QoS 2 that are between two answers. Thread-safe.
/// </summary>
/// <remarks>
/// A client that knows nothing begins anew and does not go on with what the broker has [MQTT-3.2.2-4]. After a power cut, which may have
/// taken changes back, it knows nothing.
/// </remarks>
internal sealed class ClientSession : IDisposable
{
    private const string Name = "session";
    private const byte OwnerKey = 0;
    private const byte ReceivedKey = 1;
    private const byte SentKey = 2;

    // New messages begin in a part of the identifiers in which nothing is left, which is larger than what can be under way.
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

    /// <summary>Whether there is a session to go on with.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>
    /// Whether the broker has a session of which nothing is known here: the next connection says Clean Start, and that nothing of it is to
    /// be kept, so that the one behind it begins a new one. Not said without need: mosquitto 2.0 does not write down what began with it.
    /// </summary>
    public bool IsToBeDiscarded { get; set; }

    /// <summary>Messages of the broker at QoS 2 that are stored and not released.</summary>
    public PacketIdSet Received { get; }

    /// <summary>What the first message of this process gets.</summary>
    public ushort FirstFreeId { get; }

    /// <summary>Opens what an earlier process has left, or begins with nothing where the host keeps nothing for adapters.</summary>
    /// <param name="place">The adapter's own; null for none.</param>
    /// <param name="owner">Broker and client identifier: of another session nothing is known.</param>
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

    /// <summary>The broker has begun a session: nothing of an earlier one counts any more [MQTT-3.2.2-5].</summary>
    /// <exception cref="EstreamException">It cannot be noted.</exception>
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

    /// <summary>A message of QoS 2 is about to be sent for the first time.</summary>
    /// <exception cref="EstreamException">It cannot be noted.</exception>
    public void Sent(ushort id)
    {
        lock (_lock)
        {
            _map?.Put(KeyOf(SentKey, id), default);
        }
    }

    /// <summary>Its last answer has come.</summary>
    /// <exception cref="EstreamException">It cannot be noted.</exception>
    public void Done(ushort id)
    {
        lock (_lock)
        {
            _map?.Remove(KeyOf(SentKey, id));
        }
    }

    /// <summary>Identifiers an earlier process has left under way: the broker may wait for their PUBREL.</summary>
    public ushort[] Left()
    {
        lock (_lock)
        {
            return [.. _left];
        }
    }

    /// <summary>The broker has answered the PUBREL of one of those.</summary>
    /// <returns>Whether it is one.</returns>
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

        // Not while the map is walked, for each is noted once more.
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
