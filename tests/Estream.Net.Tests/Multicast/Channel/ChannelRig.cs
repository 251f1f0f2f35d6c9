using Estream.Net.Multicast;
using Estream.Net.Tests.Multicast.Simulation;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Net.Tests.Multicast.Channel;

/// <summary>A source, a publisher and subscribers on real sockets, all driven by the test's thread.</summary>
internal sealed class ChannelRig : IDisposable
{
    private const int StepsPerCheck = 50;

    private readonly TempDirectory _folder = new();
    private readonly EstreamQueue _source;
    private readonly QueueAppender _appender;
    private readonly MulticastChannel _channel;
    private readonly double _loss;
    private readonly List<(MulticastChannel Channel, MulticastSubscriber Subscriber)> _subscribers = [];

    /// <param name="options">The channel of the publisher.</param>
    /// <param name="publisher">The options of the publisher.</param>
    /// <param name="loss">The share of packets that each side loses before they reach a socket.</param>
    public ChannelRig(MulticastChannelOptions options, MulticastPublisherOptions? publisher = null, double loss = 0)
    {
        _loss = loss;
        _source = EstreamQueue.Open(_folder.Combine("source"), new QueueOptions { SegmentBytes = 64 << 10 });
        _appender = _source.CreateAppender(AppenderMode.Exclusive);
        _channel = MulticastChannel.OpenPublisher(options);
        Publisher = new MulticastPublisher(_source, new LossySender(_channel, seed: 0, loss), publisher);
    }

    public MulticastPublisher Publisher { get; }

    public MulticastChannel PublisherChannel => _channel;

    public long LastPosition { get; private set; }

    /// <summary>Appends messages of many lengths, also longer than a packet.</summary>
    public void Append(int count)
    {
        for (int index = 0; index < count; index++)
        {
            Random random = new((int)_appender.NextSequence);
            byte[] bytes = new byte[random.Next(100) == 0 ? random.Next(5_000) : random.Next(200)];
            random.NextBytes(bytes);
            LastPosition = _appender.Append(bytes);
        }
    }

    public MulticastSubscriber Subscribe(MulticastChannelOptions options, MulticastSubscriberOptions? subscriber = null)
    {
        MulticastChannel channel = MulticastChannel.OpenSubscriber(options);
        int number = _subscribers.Count + 1;
        MulticastSubscriber added = new(_folder.Combine($"copy-{number}"), new LossySender(channel, number, _loss), subscriber);
        _subscribers.Add((channel, added));
        return added;
    }

    public MulticastChannel ChannelOf(int index) => _subscribers[index].Channel;

    public int Step()
    {
        int count = _channel.Poll(Publisher);
        foreach ((MulticastChannel channel, MulticastSubscriber subscriber) in _subscribers)
        {
            count += channel.Poll(subscriber);
        }

        return count;
    }

    public void RunUntil(Func<bool> condition, string what)
    {
        try
        {
            Eventually.True(
                () =>
                {
                    for (int step = 0; step < StepsPerCheck && !condition(); step++)
                    {
                        _ = Step();
                    }

                    return condition();
                },
                what);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message} {Publisher.Statistics}; {_channel.ReadCounters()}; " + string.Join("; ",
                _subscribers.Select(one => $"{one.Subscriber.State} {one.Subscriber.Statistics} {one.Channel.ReadCounters()}")), e);
        }
    }

    /// <summary>Runs until every subscriber has the last message, and requires that each copy equals the source: positions, numbers, times
    /// and bytes.</summary>
    public void RequireEqualCopies()
    {
        RunUntil(
            () => _subscribers.TrueForAll(one => one.Subscriber.Statistics.LastPosition == LastPosition),
            "all subscribers have everything");
        List<CopiedMessage> source = CopiedMessage.ReadAll(_source.Directory);
        for (int number = 1; number <= _subscribers.Count; number++)
        {
            _subscribers[number - 1].Subscriber.Dispose();
            Assert.Equal(source, CopiedMessage.ReadAll(_folder.Combine($"copy-{number}")));
        }
    }

    public void Dispose()
    {
        Publisher.Dispose();
        _channel.Dispose();
        foreach ((MulticastChannel channel, MulticastSubscriber subscriber) in _subscribers)
        {
            subscriber.Dispose();
            channel.Dispose();
        }

        _appender.Dispose();
        _source.Dispose();
        _folder.Dispose();
    }

    /// <summary>Loses packets between a publisher or subscriber and its channel.</summary>
    private sealed class LossySender(IPacketSender inner, int seed, double loss) : IPacketSender
    {
        private readonly Random _random = new(seed);

        public int MaxPacketBytes => inner.MaxPacketBytes;

        public bool TrySendToGroup(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) =>
            _random.NextDouble() < loss || inner.TrySendToGroup(header, payload);

        public bool TrySend(in PacketAddress address, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) =>
            _random.NextDouble() < loss || inner.TrySend(address, header, payload);
    }
}
