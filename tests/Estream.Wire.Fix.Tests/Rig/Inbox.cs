using System.Collections.Concurrent;
using System.Text;

namespace Estream.Wire.Fix.Tests.Rig;

/// <summary>An application on a socket: remembers orders, and sends them back if asked to. Thread-safe.</summary>
internal sealed class Inbox : IFixApplication
{
    private readonly ConcurrentQueue<string> _orders = new();

    public bool IsEcho { get; init; }

    public string[] Orders => [.. _orders];

    public FixVerdict OnMessage(FixSession session, in FixMessage message)
    {
        message.Fields.TryGet(11, out ReadOnlySpan<byte> id);
        _orders.Enqueue(Encoding.UTF8.GetString(id));
        if (IsEcho)
        {
            session.Send(new FixMessageBuilder("D").CopyBody(message));
        }

        return FixVerdict.Accepted;
    }
}
