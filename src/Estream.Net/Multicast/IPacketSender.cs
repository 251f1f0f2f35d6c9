namespace Estream.Net.Multicast;

/// <summary>
/// Sends packets. Implemented by a transport and called by <see cref="MulticastPublisher"/> and <see cref="MulticastSubscriber"/> on the
/// thread that calls their Poll. Implementations must not keep the spans and must not throw: a packet that cannot be sent is refused or
/// counted as lost.
/// </summary>
public interface IPacketSender
{
    /// <summary>The largest packet that can be sent, in bytes. Must not change.</summary>
    int MaxPacketBytes { get; }

    /// <summary>Sends one packet to the group. In unicast mode, a publisher's transport sends it to every receiver, and a subscriber's
    /// transport to the publisher.</summary>
    /// <param name="header">The first part of the packet.</param>
    /// <param name="payload">The second part; may be empty. May point into the mapped log.</param>
    /// <returns>Whether the packet was taken. False if the transport is full: the caller tries again at its next Poll.</returns>
    bool TrySendToGroup(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload);

    /// <summary>Sends one packet to one address.</summary>
    /// <param name="address">An address that the transport passed to Receive.</param>
    /// <param name="header">The first part of the packet.</param>
    /// <param name="payload">The second part; may be empty. May point into the mapped log.</param>
    /// <returns>Whether the packet was taken. False if the transport is full.</returns>
    bool TrySend(in PacketAddress address, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload);
}
