using System.Text;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>Publishes due wills as if their clients had: first to subscribers, then into queues. Not thread-safe.</summary>
internal sealed class WillPublishing(EndpointCore core) : IDisposable
{
    private readonly IngressWriter _ingress = core.CreateWriter();

    // True if the next will was relayed but its queue append was blocked.
    private bool _isRelayed;

    public void PublishDue()
    {
        while (core.Sessions.PeekWill() is { } will && TryPass(will) && TryStore(will))
        {
            _isRelayed = false;
            core.Sessions.RemoveWill();
        }
    }

    public void Dispose()
    {
        _ingress.Dispose();
    }

    private bool TryPass(WillMessage will)
    {
        if (core.Serving is { } serving && !_isRelayed && _ingress.CanStoreRaw(will.Topic))
        {
            using Publishing publishing = new(serving, Encoding.UTF8.GetBytes(will.ClientId), null, core.Clock, will.User);
            _isRelayed = publishing.Relay(will) != RelayStatus.Blocked;
            return _isRelayed;
        }

        return true;
    }

    private bool TryStore(WillMessage will)
    {
        IngressStatus status = _ingress.Append(new WireMessage(will.Topic, will.Payload));
        _ingress.Release();
        return status != IngressStatus.Blocked;
    }
}
