using System.Threading.Channels;

namespace Estream.Host.Http;

/// <summary>One client's place in the hub.</summary>
internal sealed class EventSubscription(EventHub hub, Channel<byte[]> channel) : IDisposable
{
    public ChannelReader<byte[]> Frames => channel.Reader;

    public void Dispose() => hub.Leave(channel);
}
