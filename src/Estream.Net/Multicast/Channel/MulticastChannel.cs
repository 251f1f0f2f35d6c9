using System.Net;
using Estream.Core;
using Estream.Net.Multicast.Internal;
using Estream.Net.Udp;

namespace Estream.Net.Multicast;

/// <summary>
/// Connects a <see cref="MulticastPublisher"/> or a <see cref="MulticastSubscriber"/> with the network: a group, or unicast addresses,
/// over AF_XDP or UDP.
/// </summary>
/// <example>
/// <code>
/// using MulticastChannel channel = MulticastChannel.OpenSubscriber(new() { EndPoint = IPEndPoint.Parse("239.1.2.3:4711") });
/// using MulticastSubscriber subscriber = new("orders-copy", channel);
/// channel.Run(subscriber, cancellation);
/// </code>
/// </example>
/// <remarks>
/// Not thread-safe: one thread runs a channel and its publisher or subscriber. Poll allocates nothing in steady state. With UDP, a channel
/// of a group has two sockets: one receives the packets of the group, the other one sends and receives answers at a port of its own, so
/// that several channels of one machine can share a group.
/// </remarks>
public sealed class MulticastChannel : IPacketSender, IDisposable
{
    private readonly PacketTransport _transport;
    private readonly UdpTransport? _group;
    private readonly SendBuffer _sends;
    private readonly PacketAddress _destination;
    private readonly bool _isEachReceiver;
    private readonly int? _cpu;
    private readonly bool _isBusy;
    private MulticastPublisher? _publisher;
    private bool _isDisposed;

    private MulticastChannel(PacketTransport transport, UdpTransport? group, MulticastChannelOptions options, bool isEachReceiver)
    {
        (_transport, _group, _isEachReceiver) = (transport, group, isEachReceiver);
        (_cpu, _isBusy) = (options.Cpu, options.BusyPoll);
        _destination = new PacketAddress(options.EndPoint);
        _sends = new SendBuffer(transport);
    }

    private delegate void PacketHandler<T>(T peer, ReadOnlySpan<byte> packet, in PacketAddress source);

    /// <summary>The implementation in use: <see cref="PacketTransportKind.AfXdp"/> or <see cref="PacketTransportKind.Udp"/>.</summary>
    public PacketTransportKind Kind => _transport.Kind;

    /// <summary>Why <see cref="PacketTransportKind.Auto"/> uses UDP; null if AF_XDP is in use or UDP was requested.</summary>
    public PacketFallback? Fallback => _transport.Fallback;

    /// <summary>The implementation and its mode in one line, for logs and consoles.</summary>
    public string Description => _transport.Description;

    /// <inheritdoc/>
    public int MaxPacketBytes => _transport.MaxPayloadBytes;

    /// <summary>Opens the channel of a publisher.</summary>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="EstreamTransportException">The kernel refused the transport.</exception>
    public static MulticastChannel OpenPublisher(MulticastChannelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return options.IsGroup ? OpenGroup(options) : new MulticastChannel(
            PacketTransport.Open(options.TransportAt(options.EndPoint.Port) with { LocalEndPoint = options.EndPoint }),
            group: null, options, isEachReceiver: true);
    }

    /// <summary>Opens the channel of a subscriber.</summary>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="EstreamTransportException">The kernel refused the transport.</exception>
    public static MulticastChannel OpenSubscriber(MulticastChannelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return options.IsGroup ? OpenGroup(options) : new MulticastChannel(
            PacketTransport.Open(options.TransportAt(port: 0)), group: null, options, isEachReceiver: false);
    }

    /// <summary>Passes received packets to a publisher and sends what is due. Never waits.</summary>
    /// <param name="publisher">The publisher whose sender is this channel.</param>
    /// <returns>The number of packets received and sent. If it is 0, the caller can <see cref="Wait"/>.</returns>
    /// <exception cref="EstreamException">The queue cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The channel or the publisher is disposed.</exception>
    public int Poll(MulticastPublisher publisher)
    {
        ArgumentNullException.ThrowIfNull(publisher);
        _publisher = publisher;
        int count = Receive(
            publisher, static (MulticastPublisher to, ReadOnlySpan<byte> packet, in PacketAddress source) => to.Receive(packet, source));
        count += publisher.Poll();
        _sends.Submit();
        return count;
    }

    /// <summary>Passes received packets to a subscriber and sends what is due. Never waits.</summary>
    /// <param name="subscriber">The subscriber whose sender is this channel.</param>
    /// <returns>The number of packets received and sent. If it is 0, the caller can <see cref="Wait"/>.</returns>
    /// <exception cref="EstreamMulticastException">The copy cannot continue.</exception>
    /// <exception cref="ObjectDisposedException">The channel or the subscriber is disposed.</exception>
    public int Poll(MulticastSubscriber subscriber)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        int count = Receive(
            subscriber, static (MulticastSubscriber to, ReadOnlySpan<byte> packet, in PacketAddress source) => to.Receive(packet, source));
        count += subscriber.Poll();
        _sends.Submit();
        return count;
    }

    /// <summary>Runs a publisher until it is cancelled. Sends a message about a millisecond after its append while packets flow, and at
    /// most 20 ms after it when the queue was idle.</summary>
    /// <param name="publisher">The publisher whose sender is this channel.</param>
    /// <param name="cancellation">Ends the run; does not throw.</param>
    /// <param name="polled">Called after each poll, at least every 20 ms; null for nothing.</param>
    /// <exception cref="EstreamException">The queue cannot be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">This process may not run on <see cref="MulticastChannelOptions.Cpu"/>.</exception>
    public void Run(MulticastPublisher publisher, CancellationToken cancellation, Action? polled = null) =>
        Run(() => Poll(publisher), polled, cancellation);

    /// <summary>Runs a subscriber until it is cancelled.</summary>
    /// <param name="subscriber">The subscriber whose sender is this channel.</param>
    /// <param name="cancellation">Ends the run; does not throw.</param>
    /// <param name="polled">Called after each poll, at least every 20 ms; null for nothing.</param>
    /// <exception cref="EstreamMulticastException">The copy cannot continue.</exception>
    /// <exception cref="ArgumentOutOfRangeException">This process may not run on <see cref="MulticastChannelOptions.Cpu"/>.</exception>
    public void Run(MulticastSubscriber subscriber, CancellationToken cancellation, Action? polled = null) =>
        Run(() => Poll(subscriber), polled, cancellation);

    /// <summary>Waits until packets may have arrived.</summary>
    /// <param name="timeout">The longest wait. NAKs, status packets and new messages are sent by Poll only: wait a few milliseconds at
    /// most.</param>
    /// <exception cref="ObjectDisposedException">The channel is disposed.</exception>
    public void Wait(TimeSpan timeout)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_group is null)
        {
            _ = _transport.Wait(timeout);
        }
        else
        {
            _ = _group.WaitEither((UdpTransport)_transport, timeout);
        }
    }

    /// <summary>Reads the counters, the sum of both sockets.</summary>
    /// <exception cref="ObjectDisposedException">The channel is disposed.</exception>
    public PacketCounters ReadCounters()
    {
        PacketCounters counters = _transport.ReadCounters();
        PacketCounters group = _group?.ReadCounters() ?? default;
        return counters with
        {
            Received = counters.Received + group.Received,
            ReceivedBytes = counters.ReceivedBytes + group.ReceivedBytes,
            ReceiveDropped = counters.ReceiveDropped + group.ReceiveDropped,
            InvalidPackets = counters.InvalidPackets + group.InvalidPackets,
        };
    }

    /// <inheritdoc/>
    public bool TrySendToGroup(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) =>
        _isEachReceiver ? TrySendToEach(header, payload) : TrySend(_destination, header, payload);

    /// <inheritdoc/>
    public bool TrySend(in PacketAddress address, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        if (_isDisposed || !_sends.HasRoom(1))
        {
            return false;
        }

        _sends.Add(address, header, payload);
        return true;
    }

    /// <summary>Sends what is gathered, such as the last packet of a disposed publisher, and closes the sockets. Idempotent.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _sends.Submit();
            _transport.Dispose();
            _group?.Dispose();
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Description;

    private static MulticastChannel OpenGroup(MulticastChannelOptions options)
    {
        PacketTransportOptions both = options.TransportAt(options.EndPoint.Port) with { MulticastGroups = [options.EndPoint.Address] };
        PacketFallback? fallback = null;
        if (options.Transport != PacketTransportKind.Udp)
        {
            try
            {
                return new MulticastChannel(
                    PacketTransport.Open(both with { Transport = PacketTransportKind.AfXdp }), null, options, false);
            }
            catch (EstreamTransportException e) when (options.Transport == PacketTransportKind.Auto)
            {
                fallback = new PacketFallback(e.Failure, e.Message);
            }
        }

        PacketTransport transport = PacketTransport.Open(options.TransportAt(port: 0) with { Transport = PacketTransportKind.Udp });
        try
        {
            // Bound to the group, so that it receives no other packets of the port.
            PacketTransport group = PacketTransport.Open(
                both with { Transport = PacketTransportKind.Udp, LocalEndPoint = options.EndPoint });
            transport.Fallback = fallback;
            return new MulticastChannel(transport, (UdpTransport)group, options, false);
        }
        catch
        {
            transport.Dispose();
            throw;
        }
    }

    private void Run(Func<int> poll, Action? polled, CancellationToken cancellation)
    {
        using CpuPin? pin = _cpu is { } cpu ? CpuAffinity.Pin(cpu) : null;
        IdlePause idle = new();
        while (!cancellation.IsCancellationRequested)
        {
            TimeSpan pause = idle.After(poll());
            if (pause > TimeSpan.Zero && !_isBusy)
            {
                Wait(pause);
            }

            polled?.Invoke();
        }
    }

    private int Receive<T>(T peer, PacketHandler<T> receive)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return Receive(_transport, peer, receive) + (_group is null ? 0 : Receive(_group, peer, receive));
    }

    private static int Receive<T>(PacketTransport transport, T peer, PacketHandler<T> receive)
    {
        using ReceivedBatch batch = transport.Receive();
        foreach (ReceivedPacket packet in batch)
        {
            receive(peer, packet.Payload, packet.Source);
        }

        return batch.Count;
    }

    // Only to receivers that have returned the cookie that they got at their address: a forged status makes nothing flow to the address
    // of another machine.
    private bool TrySendToEach(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        ReadOnlySpan<Receiver?> receivers = _publisher is null ? default : _publisher.Receivers;
        int count = 0;
        foreach (Receiver? receiver in receivers)
        {
            count += receiver is null ? 0 : 1;
        }

        if (_isDisposed || !_sends.HasRoom(count))
        {
            return false;
        }

        foreach (Receiver? receiver in receivers)
        {
            if (receiver is not null)
            {
                _sends.Add(receiver.Address, header, payload);
            }
        }

        return true;
    }
}
