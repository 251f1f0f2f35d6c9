using Estream.Client.Protocol;

namespace Estream.Client.Connection;

/// <summary>Receives the frames with one request id. Called by the read loop of the connection: must not block.</summary>
internal interface IFrameHandler
{
    /// <summary>Handles a frame, whose payload is valid during the call. Returns whether more frames with this id follow.</summary>
    bool OnFrame(FrameHeader header, ReadOnlySpan<byte> payload);

    /// <summary>Called once if the connection ends before the last frame.</summary>
    void OnClosed(Exception reason);
}
