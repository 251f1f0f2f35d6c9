using System.Net;
using System.Text;
using Estream.Wire;

namespace Estream.Host.Http;

/// <summary>
/// Sends every event to every connected console. The queue of each client is bounded; if a client is slow, its oldest event is dropped, so
/// memory use is fixed. Thread-safe.
/// </summary>
internal sealed class EventHub
{
    public const int MaxClientCount = 64;

    /// <summary>The maximum number of clients with one identity.</summary>
    public const int MaxOfIdentity = 8;

    /// <summary>The maximum number of clients with one address, which several people may share.</summary>
    public const int MaxOfAddress = MaxClientCount / 2;

    private readonly Lock _lock = new();
    private readonly List<EventSubscription> _clients = [];

    public int ClientCount
    {
        get
        {
            lock (_lock)
            {
                return _clients.Count;
            }
        }
    }

    /// <summary>Whether a client reads the messages.</summary>
    public bool IsReadingMessages
    {
        get
        {
            lock (_lock)
            {
                return _clients.Exists(client => client.ReadsMessages);
            }
        }
    }

    /// <summary>Subscribes a client. Returns null if the host, the identity or the address already has its maximum number of clients.
    /// Dispose the subscription to unsubscribe.</summary>
    /// <param name="readsMessages">Whether the client receives <see cref="EventKind.Messages"/>.</param>
    /// <param name="identity">The name of the identity.</param>
    /// <param name="address">The address; null if it is not known.</param>
    public EventSubscription? TryJoin(bool readsMessages, string identity, IPAddress? address)
    {
        IPAddress? counted = address is null ? null : CountedAddress.Of(address);
        EventSubscription client = new(this, readsMessages) { Identity = identity, Address = counted };
        lock (_lock)
        {
            if (_clients.Count >= MaxClientCount || _clients.Count(other => other.Identity == identity) >= MaxOfIdentity
                || (counted is not null && _clients.Count(other => counted.Equals(other.Address)) >= MaxOfAddress))
            {
                return null;
            }

            _clients.Add(client);
        }

        return client;
    }

    public void Publish(EventKind kind, ReadOnlySpan<byte> json)
    {
        byte[] frame = EventFrame.Encode(kind, json);
        lock (_lock)
        {
            foreach (EventSubscription client in _clients)
            {
                client.Offer(kind, frame);
            }
        }
    }

    internal void Leave(EventSubscription client)
    {
        lock (_lock)
        {
            _clients.Remove(client);
        }
    }
}

/// <summary>One server-sent event, encoded once and sent to every client as the same bytes.</summary>
internal static class EventFrame
{
    private static readonly byte[] s_name = "event: "u8.ToArray();
    private static readonly byte[] s_end = "\n\n"u8.ToArray();
    private static readonly byte[] s_data = "\ndata: "u8.ToArray();

    /// <param name="kind">The kind of event, which determines its name on the wire.</param>
    /// <param name="json">Compact JSON. It must not contain a line feed, which would end the event; JSON escapes them.</param>
    public static byte[] Encode(EventKind kind, ReadOnlySpan<byte> json)
    {
        byte[] head = Encoding.ASCII.GetBytes($"event: {NameOf(kind)}\ndata: ");
        byte[] frame = new byte[head.Length + json.Length + s_end.Length];
        head.CopyTo(frame, 0);
        json.CopyTo(frame.AsSpan(head.Length));
        s_end.CopyTo(frame, head.Length + json.Length);
        return frame;
    }

    /// <summary>Returns the kind and the JSON of an encoded event.</summary>
    public static (EventKind Kind, ReadOnlyMemory<byte> Json) Decode(byte[] frame)
    {
        int data = frame.AsSpan().IndexOf(s_data);
        string name = Encoding.ASCII.GetString(frame, s_name.Length, data - s_name.Length);
        int start = data + s_data.Length;
        return (Enum.GetValues<EventKind>().First(kind => NameOf(kind) == name),
            frame.AsMemory(start, frame.Length - start - s_end.Length));
    }

    private static string NameOf(EventKind kind) => kind switch
    {
        EventKind.Overview => "overview",
        EventKind.Messages => "messages",
        _ => "widgets",
    };
}
