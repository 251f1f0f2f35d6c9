using Estream.Net;
using Estream.Net.Multicast;
using Estream.Net.Multicast.Internal;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Fuzz.Net;

/// <summary>A publisher and a subscriber whose network also carries hostile packets.</summary>
internal sealed class HostilePair : IDisposable
{
    private const int PollEvery = 16;

    private readonly TempDirectory _folder = new();
    private readonly ManualClock _clock = new();
    private readonly ReadOnlyMemory<byte> _key;
    private readonly EstreamQueue _source;
    private readonly QueueAppender _appender;
    private readonly Queue<byte[]> _toSubscriber = new();
    private readonly Queue<byte[]> _toPublisher = new();
    private MulticastSubscriber _subscriber;
    private byte[] _sample = [];
    private int _injected;
    private int _copies;

    public HostilePair(ReadOnlyMemory<byte> key)
    {
        _key = key;
        _source = EstreamQueue.Open(_folder.Combine("source"), new QueueOptions { SegmentBytes = 64 << 10, Clock = _clock });
        _appender = _source.CreateAppender(AppenderMode.Exclusive);
        Append(100);
        Publisher = new MulticastPublisher(_source, new Wire(_toSubscriber), new MulticastPublisherOptions
        {
            Clock = _clock, Key = key, FecData = 4, FecParity = 2,
        });
        _subscriber = Subscribe();
    }

    public MulticastPublisher Publisher { get; }

    public void Append(int length) => _ = _appender.Append(new byte[length]);

    /// <summary>Delivers a hostile packet to both sides. A plaintext subscriber may be made to stop; another one takes its place.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="address">The address from which it seems to come.</param>
    public void Inject(byte[] packet, int address)
    {
        PacketAddress source = new((UInt128)(uint)address, 1, 0);
        Publisher.Receive(packet, source);
        _subscriber.Receive(packet, source);
        if (++_injected % PollEvery == 0)
        {
            Step();
        }
    }

    /// <summary>A packet of the publisher or the subscriber with one byte changed.</summary>
    public byte[] DamagedOfPeer(MulticastSeeds seeds)
    {
        byte[] packet = [.. _sample];
        if (packet.Length > 0)
        {
            packet[seeds.Next(packet.Length)] ^= (byte)(1 << seeds.Next(8));
        }

        return packet;
    }

    public void RequireEqualCopy()
    {
        List<string> source = Read(_source.Directory, out long last);
        for (int step = 0; _subscriber.Statistics.LastPosition != last; step++)
        {
            Assert.True(step < 100_000, $"{_subscriber.State} {_subscriber.Statistics} {Publisher.Statistics}");
            Step();
        }

        Assert.Equal(1, _copies);
        _subscriber.Dispose();
        Assert.Equal(source, Read(_folder.Combine("copy-1"), out _));
    }

    public void Dispose()
    {
        _subscriber.Dispose();
        Publisher.Dispose();
        _appender.Dispose();
        _source.Dispose();
        _folder.Dispose();
    }

    private static List<string> Read(string directory, out long last)
    {
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(directory);
        using QueueTailer tailer = queue.CreateTailer();
        List<string> messages = [];
        last = 0;
        while (tailer.TryRead(out QueueMessage message))
        {
            messages.Add(Convert.ToHexString(message.Payload));
            last = message.Position;
        }

        return messages;
    }

    private void Step()
    {
        _clock.PassNanos(1_000_000);
        _ = Publisher.Poll();
        while (_toSubscriber.TryDequeue(out byte[]? packet))
        {
            _sample = packet;
            _subscriber.Receive(packet, default);
        }

        try
        {
            _ = _subscriber.Poll();
        }
        catch (EstreamMulticastException) when (_key.IsEmpty)
        {
            _subscriber.Dispose();
            string copy = _folder.Combine($"copy-{_copies}");
            if (Directory.Exists(copy))
            {
                Directory.Delete(copy, recursive: true);
            }

            _subscriber = Subscribe();
        }

        while (_toPublisher.TryDequeue(out byte[]? packet))
        {
            Publisher.Receive(packet, default);
        }
    }

    private MulticastSubscriber Subscribe() => new(
        _folder.Combine($"copy-{++_copies}"),
        new Wire(_toPublisher),
        new MulticastSubscriberOptions { Clock = _clock, Key = _key, Seed = 1 });

    private sealed class Wire(Queue<byte[]> packets) : IPacketSender
    {
        public int MaxPacketBytes => PacketLayout.MaxPacketBytes;

        public bool TrySendToGroup(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
        {
            packets.Enqueue([.. header, .. payload]);
            return true;
        }

        public bool TrySend(in PacketAddress address, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) =>
            TrySendToGroup(header, payload);
    }
}
