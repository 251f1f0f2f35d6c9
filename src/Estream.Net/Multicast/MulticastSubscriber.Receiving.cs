using Estream.Core;
using Estream.Net.Multicast.Internal;

namespace Estream.Net.Multicast;

// Packets from the publisher, and the NAKs of other receivers.
public sealed partial class MulticastSubscriber
{
    /// <summary>Handles a received packet; appends the messages that are complete and in order. Sends nothing: <see cref="Poll"/> does. An
    /// invalid packet is counted and changes nothing; no packet makes this method throw.</summary>
    /// <param name="packet">The bytes of one packet; not kept.</param>
    /// <param name="source">The address from which it came, for answers.</param>
    public void Receive(ReadOnlySpan<byte> packet, in PacketAddress source)
    {
        if (_disposed || _failure is not null)
        {
            return;
        }

        long now = _clock.MonotonicNanos;
        PacketStatus status = _input.Open(packet, now, out PacketHeader header, out ReadOnlySpan<byte> body);
        if (status == PacketStatus.Ok)
        {
            status = header.Type == PacketType.Setup
                ? OnSetup(header, body, source, now)
                : OnSessionPacket(header, body, packet.Length, now);
        }

        _invalid += status is PacketStatus.Ok or PacketStatus.Replayed ? 0 : 1;
        _replayed += status == PacketStatus.Replayed ? 1 : 0;
    }

    private PacketStatus OnSetup(in PacketHeader header, ReadOnlySpan<byte> body, in PacketAddress source, long now)
    {
        if (!SetupPacket.TryRead(body, out SetupPacket setup))
        {
            return PacketStatus.WrongBody;
        }

        // A setup counts only as the answer to a request of this subscriber: a recorded one would hold it in a session that is over.
        if (setup.Receiver != _id || !_joins.TryGetTime(setup.Nonce, out long asked))
        {
            return PacketStatus.Replayed;
        }

        if (State != MulticastState.Joining)
        {
            // The publisher asks for a new cookie, because the address of this subscriber has changed on the way.
            _cookie = header.Session == _session ? setup.Cookie : _cookie;
            return PacketStatus.Ok;
        }

        long? expected = _copy.Exists ? _copy.SourceId : _sourceId != 0 ? _sourceId : _options.SourceQueueId;
        if (expected is long id && id != setup.QueueId)
        {
            Fail(new EstreamMulticastException(
                $"The publisher at {source} sends queue {setup.QueueId:x16}, but '{_directory}' is a copy of queue {id:x16}. The source "
                + "was created again, or the address or stream id is that of another queue. Correct the address, or copy into an empty "
                + "directory.", _directory, MulticastFailure.DifferentSource));
            return PacketStatus.Ok;
        }

        if (!IsInSource(setup))
        {
            return PacketStatus.Ok;
        }

        _session = header.Session;
        _cookie = setup.Cookie;
        _naks.OnRoundTrip(now - asked);
        _output.Session = header.Session;
        _publisher = source;
        _sourceId = setup.QueueId;
        _lastHeard = now;
        _receivers = Math.Max(1, setup.Receivers);
        _highest = setup.EndAddress;
        (_echoTime, _echoReceived) = (setup.Time, now);
        _fec = setup.GroupData == 0 ? null : new FecDecoder(setup.GroupData, setup.GroupParity, _options.MaxPacketBytes);
        _copy.Bind(setup.SegmentBytes);
        _stream.Begin(setup, _options);
        _naks.Restart();
        (_statusEnd, _nextStatus) = (0, 0);
        State = MulticastState.CatchingUp;
        return PacketStatus.Ok;
    }

    // A position at or after the end of what was sent would never be verified: nothing would be missing there.
    private bool IsInSource(in SetupPacket setup)
    {
        _copy.ResumeAtLast();
        long start = _copy.Exists ? _copy.Resume.Source : _options.Start == MulticastStart.Position ? _options.StartPosition : 0;
        if (start == 0 || start < setup.EndAddress)
        {
            return true;
        }

        Fail(new EstreamMulticastException(
            _copy.Exists
                ? $"The source ends at {setup.EndAddress}, but '{_directory}' has a copy of its message at position {start}. The source "
                    + "has lost messages that were copied. Copy again into an empty directory."
                : $"StartPosition {start} is not before the end of the source, {setup.EndAddress}. Use the position of a message, or start "
                    + "at the newest one.", _directory, MulticastFailure.Diverged));
        return false;
    }

    private PacketStatus OnSessionPacket(in PacketHeader header, ReadOnlySpan<byte> body, int length, long now)
    {
        if (State == MulticastState.Joining || header.Session != _session)
        {
            return PacketStatus.Ok;
        }

        if (header.Type is PacketType.Nak or PacketType.Status)
        {
            return OnReceiverPacket(header, body, now);
        }

        PacketStatus status = header.Type switch
        {
            PacketType.Data => OnData(body),
            PacketType.Parity => OnParity(body),
            PacketType.Heartbeat => OnHeartbeat(body, now),
            PacketType.End => OnEnd(body),
            _ => OnRefusal(body),
        };
        if (status == PacketStatus.Ok)
        {
            _lastHeard = now;
            _packets++;
            _bytes += length;
        }

        return status;
    }

    private PacketStatus OnReceiverPacket(in PacketHeader header, ReadOnlySpan<byte> body, long now)
    {
        if (header.Type == PacketType.Status)
        {
            return StatusPacket.TryRead(body, out _) ? PacketStatus.Ok : PacketStatus.WrongBody;
        }

        if (!NakPacket.TryRead(body, out NakPacket nak))
        {
            return PacketStatus.WrongBody;
        }

        // A receiver that catches up is answered alone, so its request helps no other.
        for (int index = 0; index < nak.Count && header.Sender != _id && (header.Flags & PacketFlags.CatchingUp) == 0; index++)
        {
            _naks.Hear(nak[index], now);
        }

        return PacketStatus.Ok;
    }

    private PacketStatus OnData(ReadOnlySpan<byte> body)
    {
        if (!TakeData(body, out uint group, out int index))
        {
            return PacketStatus.WrongBody;
        }

        if (group != 0 && _fec is { } fec)
        {
            TakeRestored(fec, fec.AddData(group, index, body));
        }

        return PacketStatus.Ok;
    }

    private PacketStatus OnParity(ReadOnlySpan<byte> body)
    {
        if (!ParityPacket.TryRead(body, out ParityPacket parity))
        {
            return PacketStatus.WrongBody;
        }

        if (_fec is { } fec)
        {
            TakeRestored(fec, fec.AddParity(parity));
        }

        return PacketStatus.Ok;
    }

    private void TakeRestored(FecDecoder fec, int count)
    {
        for (int index = 0; index < count; index++)
        {
            _restored += TakeData(fec.Restored(index), out _, out _) ? 1 : 0;
        }
    }

    private bool TakeData(ReadOnlySpan<byte> body, out uint group, out int index)
    {
        (group, index) = (0, 0);
        if (_failure is not null || !DataPacket.TryRead(body, out DataPacket packet))
        {
            return _failure is not null;
        }

        (group, index) = (packet.Header.Group, packet.Header.Index);
        try
        {
            if (_stream.Take(packet, body, _sourceId))
            {
                _highest = Math.Max(_highest, packet.EndAddress);
            }
        }
        catch (EstreamException failure)
        {
            Guard(subscriber => throw failure, this);
        }

        return true;
    }

    private PacketStatus OnHeartbeat(ReadOnlySpan<byte> body, long now)
    {
        if (!HeartbeatPacket.TryRead(body, out HeartbeatPacket heartbeat))
        {
            return PacketStatus.WrongBody;
        }

        _highest = Math.Max(_highest, heartbeat.EndAddress);
        _receivers = Math.Max(1, heartbeat.Receivers);
        (_echoTime, _echoReceived) = (heartbeat.Time, now);
        return PacketStatus.Ok;
    }

    private PacketStatus OnEnd(ReadOnlySpan<byte> body)
    {
        if (!EndPacket.TryRead(body, out _))
        {
            return PacketStatus.WrongBody;
        }

        Leave();
        return PacketStatus.Ok;
    }

    private PacketStatus OnRefusal(ReadOnlySpan<byte> body)
    {
        if (!RefusalPacket.TryRead(body, out RefusalPacket refusal))
        {
            return PacketStatus.WrongBody;
        }

        if (refusal.Receiver == _id && refusal.Position == _stream.Place.Anchor)
        {
            Fail(refusal.Reason switch
            {
                RefusalReason.Deleted => new EstreamMulticastException(
                    $"Retention of the source has deleted the message at position {refusal.Position}, where '{_directory}' has to "
                    + "continue. Copy again into an empty directory, and let the source retain more.", _directory,
                    MulticastFailure.Deleted),
                RefusalReason.Unreadable => new EstreamMulticastException(
                    $"The source cannot read its messages from position {refusal.Position}, where '{_directory}' has to continue. Run "
                    + "'estream queue verify' on the machine of the source.", _directory, MulticastFailure.Unreadable),
                _ => Diverged(_directory, refusal.Position),
            });
        }

        return PacketStatus.Ok;
    }

    internal static EstreamMulticastException Diverged(string directory, long position) => new(
        $"The source has no message at position {position} with the content that '{directory}' has. The source has lost messages that were "
        + "copied, or StartPosition is not the position of a message. Copy again into an empty directory.", directory,
        MulticastFailure.Diverged);
}
