using Estream.Wire.Dnp3.Codec;
using Estream.Wire.Dnp3.Link;

namespace Estream.Wire.Dnp3.Session;

/// <summary>The link layer of a channel (IEEE 1815, 9.2): addresses, acknowledgements of frames, and keep-alive.</summary>
internal sealed partial class MasterChannel
{
    private long _strangers;

    private long KeepAliveDue => _endpoint.KeepAliveMs == 0
        ? long.MaxValue
        : Volatile.Read(ref _heardAt) + (_endpoint.KeepAliveMs * NanosPerMilli);

    /// <summary>Handles a frame.</summary>
    /// <returns>Whether it completes a fragment of the session with this index.</returns>
    private bool TryAssemble(in LinkHeader header, out int index)
    {
        index = -1;
        for (int one = 0; one < _sessions.Length && index < 0; one++)
        {
            Dnp3DeviceOptions options = _sessions[one].Options;
            index = header.Source == options.OutstationAddress && header.Destination == options.MasterAddress ? one : -1;
        }

        if (index < 0 || header.IsFromMaster)
        {
            Volatile.Write(ref _strangers, _strangers + 1);
            return false;
        }

        // Any frame shows that the outstation is there.
        _askedAt = long.MaxValue;
        MasterSession session = _sessions[index];
        bool isNew = true;
        switch (header.Function)
        {
            case LinkFunction.ConfirmedUserData:
                isNew = _peers[index].IsNew(header.IsFrameCountSet);
                SendLink(session, LinkFunction.Ack);
                break;
            case LinkFunction.UnconfirmedUserData:
                break;
            case LinkFunction.ResetLink:
                _peers[index].Reset();
                SendLink(session, LinkFunction.Ack);
                return false;
            case LinkFunction.TestLink:
                SendLink(session, LinkFunction.Ack);
                return false;
            case LinkFunction.RequestLinkStatus:
                SendLink(session, LinkFunction.LinkStatus);
                return false;
            default:
                return false;
        }

        return isNew && session.Assembler.Add(_receiver.UserData) == SegmentStatus.Complete;
    }

    /// <summary>Asks for the link status after a silence, and ends the connection without an answer.</summary>
    private void WatchSilence(long now)
    {
        if (_askedAt != long.MaxValue)
        {
            if (now >= _askedAt + _silenceNanos)
            {
                Abort("the outstation does not answer a request for its link status");
            }
        }
        else if (now >= KeepAliveDue && _active is null)
        {
            _askedAt = now;
            foreach (MasterSession session in _sessions)
            {
                SendLink(session, LinkFunction.RequestLinkStatus);
            }
        }
    }

    private void Confirm(MasterSession session, in ApplicationHeader header)
    {
        Span<byte> fragment = stackalloc byte[ApplicationHeader.RequestBytes];
        ApplicationHeader.Request(ApplicationFunction.Confirm, header.Sequence, header.IsUnsolicited).Write(fragment);
        Send(session, fragment);
    }

    private void Send(MasterSession session, ReadOnlySpan<byte> fragment)
    {
        LinkHeader header = HeaderOf(session, LinkFunction.UnconfirmedUserData);
        int index = Array.IndexOf(_sessions, session);
        Write(TransportSegments.Write(header, fragment, ref _peers[index].SegmentSequence, _frames));
    }

    private void SendLink(MasterSession session, LinkFunction function) =>
        Write(LinkFrame.Write(HeaderOf(session, function), [], _frames));

    private static LinkHeader HeaderOf(MasterSession session, LinkFunction function) => new(
        function, IsFromMaster: true, IsFrameCountSet: false, session.Options.OutstationAddress, session.Options.MasterAddress);

    private void Write(int length)
    {
        try
        {
            _stream?.Write(_frames, length);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            Abort(failure.Message);
        }
    }

    private void Abort(string reason)
    {
        _abortReason ??= reason;
        _stream?.Abort();
    }
}
