using Estream.Net.Internal;
using Estream.Net.Internal.Kernel;

namespace Estream.Net.Xdp;

/// <content>Sending.</content>
internal sealed partial class XdpTransport
{
    // A copying kernel sends 32 packets per wake-up; more calls than this without an end leave the rest for the next flush.
    private const int PacketsPerWakeup = 32;

    private protected override void Submit(ReadOnlySpan<SendSlot> packets)
    {
        long now = _neighbours.Now;
        int queued = 0;
        foreach (ref readonly SendSlot packet in packets)
        {
            Neighbour neighbour = _neighbours.Find(packet.Destination, now);
            if (neighbour.IsResolved && packet.Length <= neighbour.MaxPayload)
            {
                Queue(packet, neighbour);
                queued++;
            }
            else
            {
                SendThroughKernel(packet);
            }
        }

        if (queued > 0)
        {
            _xdp.Send.Publish();
            Wake();
        }
    }

    private protected override void Reclaim()
    {
        int completed = _xdp.Completed.Available();
        for (int i = 0; i < completed; i++)
        {
            _arena.Return(_arena.FrameAt((long)_xdp.Completed.Next()));
        }

        if (completed > 0)
        {
            _xdp.Completed.Release();
        }
    }

    private protected override int FlushCore()
    {
        ThrowIfRemoved();
        if (_xdp.Send.Unconsumed > 0)
        {
            Wake();
        }

        Reclaim();
        return Pending;
    }

    private void Queue(in SendSlot packet, Neighbour neighbour)
    {
        long start = packet.Offset - UdpFrame.HeaderBytes;
        int length = UdpFrame.HeaderBytes + packet.Length;
        UdpFrame.Complete(
            _arena.All.Span(start, length), neighbour.Template, neighbour.IpSum, neighbour.PseudoSum, _useChecksums);
        ref XdpDescriptor descriptor = ref _xdp.Send.Next();
        descriptor.Address = (ulong)start;
        descriptor.Length = (uint)length;
        descriptor.Options = 0;
        _sent++;
        _sentBytes += packet.Length;
    }

    private void SendThroughKernel(in SendSlot packet)
    {
        int error = _kernelPath.TrySend(packet);
        _arena.Return(packet.Frame);
        if (error != 0)
        {
            _sendDropped++;
            _lastSendError = error;
            return;
        }

        _sent++;
        _sentBytes += packet.Length;
        _viaKernel++;
    }

    private void Wake()
    {
        for (int calls = (_xdp.Send.Unconsumed / PacketsPerWakeup) + 1; calls > 0 && _xdp.Send.NeedsWakeup; calls--)
        {
            int error = KernelSocket.WakeSender(_xdp.Descriptor);
            if (error == NativeMethods.ErrorBusy)
            {
                // The queue of the interface was full: the kernel has dropped one packet and left the others in the ring.
                _sendDropped++;
                _sent--;
                _lastSendError = error;
            }
            else if (error is not (0 or NativeMethods.ErrorTryAgain))
            {
                NoteRemoval(error);
                _lastSendError = error;
                break;
            }

            if (_xdp.Send.Unconsumed == 0)
            {
                break;
            }
        }
    }
}
