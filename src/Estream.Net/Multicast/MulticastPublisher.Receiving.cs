using Estream.Net.Multicast.Internal;

namespace Estream.Net.Multicast;

// Packets from receivers.
public sealed partial class MulticastPublisher
{
    private const long LargestReceiveWindow = 256L << 20;
    private const long MostRequestedBytes = 8L << 20;
    private const long LongestRoundTrip = 10_000_000_000;

    /// <summary>Handles a received packet. Sends nothing: <see cref="Poll"/> sends the answers. An invalid packet is counted and changes
    /// nothing; no packet makes this method throw.</summary>
    /// <param name="packet">The bytes of one packet; not kept.</param>
    /// <param name="source">The address from which it came, for answers.</param>
    public void Receive(ReadOnlySpan<byte> packet, in PacketAddress source)
    {
        if (_disposed)
        {
            return;
        }

        long now = _clock.MonotonicNanos;
        PacketStatus status = _input.Open(packet, now, out PacketHeader header, out ReadOnlySpan<byte> body);
        if (status == PacketStatus.Ok && header.IsFromPublisher)
        {
            // Its own packet, or that of another publisher of the group.
            return;
        }

        if (status == PacketStatus.Ok)
        {
            status = header.Type == PacketType.Status
                ? OnStatus(header, body, source, now)
                : OnNak(header, body, source, now);
        }

        _invalid += status is PacketStatus.Ok or PacketStatus.Replayed ? 0 : 1;
        _replayed += status == PacketStatus.Replayed ? 1 : 0;
    }

    private PacketStatus OnStatus(in PacketHeader header, ReadOnlySpan<byte> body, in PacketAddress source, long now)
    {
        if (!StatusPacket.TryRead(body, out StatusPacket status))
        {
            return PacketStatus.WrongBody;
        }

        if (header.Session != 0 && header.Session != _output.Session)
        {
            return PacketStatus.Ok;
        }

        _statuses++;

        // While no receiver listens, nothing is sent live.
        _mustSeekToEnd |= _receivers.Count == 0;
        if (!IsProven(header, status, source))
        {
            _setupQueue.Add(new SetupRequest(header.Sender, source, status.Nonce));
            return PacketStatus.Ok;
        }

        if (_receivers.Touch(header.Sender, source, header.IsEncrypted, now) is not { } receiver)
        {
            return PacketStatus.Ok;
        }

        receiver.Cookie = status.Cookie;
        receiver.IsCatchingUp = (header.Flags & PacketFlags.CatchingUp) != 0;
        receiver.EndAddress = Math.Max(receiver.EndAddress, Math.Min(status.EndAddress, _live.EndAddress));
        receiver.WindowBytes = Math.Clamp(status.WindowBytes, _options.MaxPacketBytes, LargestReceiveWindow);
        receiver.Tag = status.Tag;
        if (status.EchoTime > 0 && status.EchoTime <= now && now - status.EchoTime <= LongestRoundTrip)
        {
            long roundTrip = now - status.EchoTime - (status.HoldMicros * 1_000L);
            _congestion?.OnRoundTrip(roundTrip);
            receiver.CatchUp?.OnRoundTrip(roundTrip);
        }

        return PacketStatus.Ok;
    }

    // A status proves that its sender receives at its source address by the cookie, which was sent there only.
    private bool IsProven(in PacketHeader header, in StatusPacket status, in PacketAddress source)
    {
        if (header.Session == 0 || status.Cookie == 0)
        {
            return false;
        }

        Receiver? known = _receivers.Find(header.Sender);
        return (known is not null && known.Address == source && known.Cookie == status.Cookie)
            || status.Cookie == CookieOf(header.Sender, source);
    }

    private PacketStatus OnNak(in PacketHeader header, ReadOnlySpan<byte> body, in PacketAddress source, long now)
    {
        if (!NakPacket.TryRead(body, out NakPacket nak))
        {
            return PacketStatus.WrongBody;
        }

        if (header.Session != _output.Session)
        {
            return PacketStatus.Ok;
        }

        _naks++;
        if (_receivers.Find(header.Sender) is not { } receiver || receiver.Address != source)
        {
            return PacketStatus.Ok;
        }

        receiver.LastHeard = now;
        bool isDirect = (header.Flags & PacketFlags.CatchingUp) != 0;
        for (int index = 0; index < nak.Count; index++)
        {
            NakRange range = nak[index];
            long most = Math.Min(receiver.WindowBytes, MostRequestedBytes);
            most = isDirect && receiver.CatchUp is { } window ? Math.Min(most, OnDirectRequest(receiver, window, range, now)) : most;

            // A receiver asks again for the rest, so one NAK never makes the whole log flow.
            range = range with { To = Math.Min(range.To, range.From + most) };
            if (_retransmitter.TryAdd(receiver, range, isDirect, now) && !isDirect)
            {
                _congestion?.OnLoss(now);
            }
        }

        return PacketStatus.Ok;
    }

    // A request from further on acknowledges what is before it. The same request a round trip later says that the answer was lost.
    private static long OnDirectRequest(Receiver receiver, CongestionWindow window, in NakRange range, long now)
    {
        if (receiver.AskedFrom >= 0 && range.From > receiver.AskedFrom)
        {
            window.OnAcknowledged(Math.Min(range.From - receiver.AskedFrom, window.Bytes), now);
        }
        else if (receiver.AskedFrom == range.From && now - receiver.AskedAt >= window.RoundTripNanos)
        {
            window.OnLoss(now);
        }

        (receiver.AskedFrom, receiver.AskedAt) = (range.From, now);
        return window.Bytes;
    }
}
