using Estream.Net.Internal;
using Estream.Net.Internal.Kernel;

namespace Estream.Net.Udp;

/// <content>Sending.</content>
internal sealed partial class UdpTransport
{
    /// <summary>UDP_MAX_SEGMENTS of kernels before 6.8; later ones allow 128.</summary>
    private const int MaxSegments = 64;

    private protected override void Submit(ReadOnlySpan<SendSlot> packets)
    {
        foreach (ref readonly SendSlot packet in packets)
        {
            _queue.Add(packet);
        }

        FlushCore();
    }

    // Frames return to the arena as soon as the kernel has copied them.
    private protected override void Reclaim() => FlushCore();

    private protected override int FlushCore()
    {
        while (_queue.Count > 0)
        {
            int messages = Prepare();
            int sent = _send.Send(_descriptor, messages, out int error);
            if (sent > 0)
            {
                Complete(sent);
            }
            else if (error is NativeMethods.ErrorTryAgain or NativeMethods.ErrorNoBuffers)
            {
                _lastSendError = error;
                break;
            }
            else if (_packetsOfMessage[0] > 1 && error == NativeMethods.ErrorIo)
            {
                // The device of the route calculates no checksums.
                _isSegmenting = false;
            }
            else if (_packetsOfMessage[0] > 1 && error is NativeMethods.ErrorInvalid or NativeMethods.ErrorMessageSize)
            {
                // These packets do not fit this path, or the destination is wrong: others are not affected.
                _singles = _packetsOfMessage[0];
            }
            else
            {
                Drop(error);
            }
        }

        return _queue.Count;
    }

    /// <summary>Builds message headers for the oldest packets.</summary>
    /// <returns>The number of messages.</returns>
    private int Prepare()
    {
        int packets = Math.Min(_queue.Count, _send.MessageCount);
        int messages = 0;
        for (int first = 0; first < packets; messages++)
        {
            int count = _isSegmenting && first >= _singles ? Mergeable(first, packets) : 1;
            for (int i = first; i < first + count; i++)
            {
                ref readonly SendSlot packet = ref _queue[i];
                _send.SetVector(i, packet.Offset, packet.Length);
            }

            ref readonly SendSlot head = ref _queue[first];
            _send.SetParts(messages, first, count);
            _send.SetDestination(messages, head.Destination);
            if (count > 1)
            {
                _send.SetSegmentBytes(messages, head.Length);
            }

            _packetsOfMessage[messages] = count;
            first += count;
        }

        return messages;
    }

    /// <summary>Returns how many packets from one on can be one message: all to the same destination and of the same length, except that
    /// the last one may be shorter.</summary>
    private int Mergeable(int first, int end)
    {
        ref readonly SendSlot head = ref _queue[first];
        if (head.Length == 0)
        {
            return 1;
        }

        int limit = Math.Min(end - first, Math.Min(MaxSegments, LongestPayload / head.Length));
        int count = 1;
        while (count < limit)
        {
            ref readonly SendSlot next = ref _queue[first + count];
            if (next.Length > head.Length || next.Length == 0 || next.Destination != head.Destination)
            {
                break;
            }

            count++;
            if (next.Length < head.Length)
            {
                break;
            }
        }

        return Math.Max(count, 1);
    }

    private void Complete(int messages)
    {
        int packets = 0;
        for (int i = 0; i < messages; i++)
        {
            packets += _packetsOfMessage[i];
        }

        _sent += packets;
        MessagesSent += messages;
        for (int i = 0; i < packets; i++)
        {
            _sentBytes += _queue[i].Length;
        }

        Remove(packets);
    }

    private void Drop(int error)
    {
        _lastSendError = error;
        _sendDropped += _packetsOfMessage[0];
        Remove(_packetsOfMessage[0]);
    }

    private void Remove(int packets)
    {
        _singles = Math.Max(_singles - packets, 0);

        // From the last to the first, so that the next batch gets the same frames in the same order.
        for (int i = packets - 1; i >= 0; i--)
        {
            _arena.Return(_queue[i].Frame);
        }

        _queue.Remove(packets);
    }
}
