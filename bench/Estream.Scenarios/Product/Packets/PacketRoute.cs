using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>The rows of `multicast` without a queue: each message is a packet.</summary>
internal sealed class PacketRoute(PacketPath path) : MessageRoute
{
    private int _ahead;

    public override void Send(long number)
    {
        while (path.Send(number, 1) == 0)
        {
        }
    }

    // A call may receive several packets.
    public override bool TryReceive(long number)
    {
        _ahead = _ahead == 0 ? path.Receive(number) : _ahead;
        if (_ahead == 0)
        {
            return false;
        }

        _ahead--;
        return true;
    }

    public override void Dispose() => path.Dispose();
}
