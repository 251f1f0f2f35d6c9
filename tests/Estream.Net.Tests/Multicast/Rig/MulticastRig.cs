using Estream.Net.Multicast;
using Estream.Net.Tests.Multicast.Simulation;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Net.Tests.Multicast.Rig;

/// <summary>A source, a publisher and subscribers on a network that a test controls.</summary>
internal sealed class MulticastRig : IDisposable
{
    public const int PublisherNode = 0;
    private const long TickNanos = 500_000;
    private const int MaxTicks = 400_000;

    private readonly TempDirectory _folder = new();
    private readonly Dictionary<int, MulticastSubscriber> _subscribers = [];

    public MulticastRig(NetworkFaults? faults = null, QueueOptions? source = null)
    {
        Network = new SimulatedNetwork(1, faults ?? new NetworkFaults { Loss = 0, Duplication = 0, Damage = 0, Refusal = 0 });
        SourceOptions = (source ?? new QueueOptions { SegmentBytes = 64 << 10 }) with { Clock = Network.Clock };
        Source = EstreamQueue.Open(_folder.Combine("source"), SourceOptions);
        Appender = Source.CreateAppender(AppenderMode.Exclusive);
    }

    public SimulatedNetwork Network { get; }

    public QueueOptions SourceOptions { get; }

    public EstreamQueue Source { get; private set; }

    public QueueAppender Appender { get; private set; }

    public MulticastPublisher? Publisher { get; private set; }

    public string Folder(string name) => _folder.Combine(name);

    public void Append(int count, int length = 100)
    {
        for (int index = 0; index < count; index++)
        {
            byte[] bytes = new byte[length];
            new Random((int)Appender.NextSequence).NextBytes(bytes);
            _ = Appender.Append(bytes);
            Network.Clock.PassNanos(100_000);
        }
    }

    public MulticastPublisher Publish(MulticastPublisherOptions? options = null, EstreamQueue? queue = null)
    {
        EndPublisher();
        IPacketSender sender = Network.Add(PublisherNode, (bytes, from) => Publisher?.Receive(bytes, from));
        return Publisher = new MulticastPublisher(
            queue ?? Source, sender, (options ?? new MulticastPublisherOptions()) with { Clock = Network.Clock });
    }

    public void EndPublisher()
    {
        Publisher?.Dispose();
        Publisher = null;
        Network.Remove(PublisherNode);
    }

    public MulticastSubscriber Subscribe(int node = 1, MulticastSubscriberOptions? options = null, string? name = null)
    {
        MulticastSubscriber? subscriber = null;
        IPacketSender sender = Network.Add(node, (bytes, from) => subscriber!.Receive(bytes, from));
        subscriber = new MulticastSubscriber(
            Folder(name ?? $"copy-{node}"), sender,
            (options ?? new MulticastSubscriberOptions()) with { Clock = Network.Clock, Seed = node });
        _subscribers[node] = subscriber;
        return subscriber;
    }

    public MulticastSubscriber Subscriber(int node) => _subscribers[node];

    public void Unsubscribe(int node)
    {
        Network.Remove(node);
        _subscribers[node].Dispose();
        _ = _subscribers.Remove(node);
    }

    public List<CopiedMessage> Copy(int node = 1) => CopiedMessage.ReadAll(Folder($"copy-{node}"));

    public List<CopiedMessage> Messages() => CopiedMessage.ReadAll(Source.Directory);

    /// <summary>Lets everything run until a condition holds.</summary>
    public void RunUntil(Func<bool> condition)
    {
        for (int tick = 0; !condition(); tick++)
        {
            Assert.True(tick < MaxTicks, $"The condition does not hold: {Publisher?.Statistics}; "
                + string.Join("; ", _subscribers.Values.Select(subscriber => $"{subscriber.State} {subscriber.Statistics}")));
            Tick();
        }
    }

    public void RunFor(TimeSpan time)
    {
        long end = Network.Clock.MonotonicNanos + (time.Ticks * TimeSpan.NanosecondsPerTick);
        RunUntil(() => Network.Clock.MonotonicNanos >= end);
    }

    /// <summary>Runs until all subscribers have everything.</summary>
    public void RunToEnd()
    {
        long last = Messages()[^1].Position;
        RunUntil(() => _subscribers.Values.All(subscriber => subscriber.Statistics.LastPosition == last));
    }

    public void Tick()
    {
        Network.Pass(TickNanos);
        _ = Publisher?.Poll();
        foreach (MulticastSubscriber subscriber in _subscribers.Values)
        {
            if (subscriber.State != MulticastState.Failed)
            {
                _ = subscriber.Failure is null ? PollOf(subscriber) : 0;
            }
        }
    }

    /// <summary>Replaces the source by another queue.</summary>
    public void ReplaceSource(string directory)
    {
        EndPublisher();
        Appender.Dispose();
        Source.Dispose();
        Source = EstreamQueue.Open(directory, SourceOptions);
        Appender = Source.CreateAppender(AppenderMode.Exclusive);
    }

    public void Dispose()
    {
        foreach (MulticastSubscriber subscriber in _subscribers.Values)
        {
            subscriber.Dispose();
        }

        EndPublisher();
        Appender.Dispose();
        Source.Dispose();
        _folder.Dispose();
    }

    private static int PollOf(MulticastSubscriber subscriber)
    {
        try
        {
            return subscriber.Poll();
        }
        catch (EstreamMulticastException)
        {
            // The test looks at Failure.
            return 0;
        }
    }
}
