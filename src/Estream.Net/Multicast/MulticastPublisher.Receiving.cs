using Estream.Net.Multicast.Internal;

namespace Estream.Net.Multicast;

// Packets from receivers.
public sealed partial class MulticastPublisher
{
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
                : OnNak(header, body, now);
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

        if (_receivers.Count == 0)
        {
            // Until now no receiver listened, so nothing was sent live.
            _live.SeekToEnd();
        }

        if (_receivers.Touch(header.Sender, source, header.IsEncrypted, now) is not { } receiver)
        {
            return PacketStatus.Ok;
        }

        _statuses++;
        receiver.NeedsSetup |= (header.Flags & PacketFlags.SetupRequested) != 0;
        if (header.Session == 0)
        {
            return PacketStatus.Ok;
        }

        receiver.IsJoined = true;
        receiver.IsCatchingUp = (header.Flags & PacketFlags.CatchingUp) != 0;
        receiver.EndAddress = Math.Max(receiver.EndAddress, Math.Min(status.EndAddress, _live.EndAddress));
        receiver.WindowBytes = status.WindowBytes;
        receiver.Tag = status.Tag;
        if (status.EchoTime > 0 && status.EchoTime <= now)
        {
            _congestion?.OnRoundTrip(now - status.EchoTime - (status.HoldMicros * 1_000L));
        }

        return PacketStatus.Ok;
    }

    private PacketStatus OnNak(in PacketHeader header, ReadOnlySpan<byte> body, long now)
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
        if (_receivers.Find(header.Sender) is not { IsJoined: true } receiver)
        {
            return PacketStatus.Ok;
        }

        receiver.LastHeard = now;
        bool isDirect = (header.Flags & PacketFlags.CatchingUp) != 0;
        for (int index = 0; index < nak.Count; index++)
        {
            if (_retransmitter.TryAdd(receiver, nak[index], isDirect, now) && !isDirect)
            {
                _congestion?.OnLoss(now);
            }
        }

        return PacketStatus.Ok;
    }
}
