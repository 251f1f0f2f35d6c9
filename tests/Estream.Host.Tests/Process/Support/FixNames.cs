using System.Collections.Concurrent;
using System.Text;
using Estream.Wire.Fix;

namespace Estream.Host.Tests.Process;

/// <summary>The names (tag 11) of the messages that a session receives, in order.</summary>
internal sealed class FixNames : IFixApplication
{
    private readonly ConcurrentQueue<string> _names = new();

    public int Count => _names.Count;

    public IEnumerable<string> Names => _names;

    public FixVerdict OnMessage(FixSession session, in FixMessage message)
    {
        message.Fields.TryGet(11, out ReadOnlySpan<byte> name);
        _names.Enqueue(Encoding.UTF8.GetString(name));
        return FixVerdict.Accepted;
    }
}
