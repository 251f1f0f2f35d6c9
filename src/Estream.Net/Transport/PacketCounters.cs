namespace Estream.Net;

/// <summary>Counts of one transport since it was opened. A transport without a cause for a counter leaves it at 0.</summary>
public readonly record struct PacketCounters
{
    /// <summary>Packets that <see cref="PacketTransport.Receive"/> returned.</summary>
    public long Received { get; init; }

    /// <summary>Payload bytes of <see cref="Received"/>.</summary>
    public long ReceivedBytes { get; init; }

    /// <summary>Packets that the kernel accepted for sending. The network can still lose them.</summary>
    public long Sent { get; init; }

    /// <summary>Payload bytes of <see cref="Sent"/>.</summary>
    public long SentBytes { get; init; }

    /// <summary>Packets that were not sent: no route, or the queue of the interface was full.</summary>
    public long SendDropped { get; init; }

    /// <summary>Packets that the kernel dropped because the program read too slowly: the socket buffer of <c>udp</c>, the frames of
    /// <c>af_xdp</c> and <c>memory</c>. A driver with zero-copy drops them in the hardware and counts them there.</summary>
    public long ReceiveDropped { get; init; }

    /// <summary>How often the kernel found the fill ring empty. With copies, each time is also a packet in
    /// <see cref="ReceiveDropped"/>. Only <c>af_xdp</c>.</summary>
    public long FillRingEmpty { get; init; }

    /// <summary>Packets that the kernel dropped because the receive ring was full. Only <c>af_xdp</c>.</summary>
    public long RingFull { get; init; }

    /// <summary>Received packets that were discarded: headers or lengths that contradict each other, a wrong checksum, or more bytes than a
    /// frame has.</summary>
    public long InvalidPackets { get; init; }

    /// <summary>Ring entries that the kernel refused. Other than 0 means a defect of this library. Only <c>af_xdp</c>.</summary>
    public long InvalidDescriptors { get; init; }

    /// <summary>Packets of <c>af_xdp</c> that took the way through the network stack: fragments, packets of other receive queues, and
    /// destinations whose link address is not known yet. Included in <see cref="Received"/> and <see cref="Sent"/>.</summary>
    public long KernelPath { get; init; }

    /// <summary>The errno of the last packet in <see cref="SendDropped"/>; 0 if there is none.</summary>
    public int LastSendError { get; init; }
}
