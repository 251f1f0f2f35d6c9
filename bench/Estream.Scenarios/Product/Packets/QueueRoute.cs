using System.Diagnostics;
using System.Net;
using Estream.Net;
using Estream.Net.Multicast;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>The <c>estream</c> rows of `multicast`: a message is appended to a queue, published to a group, and read from the copy of the
/// queue.</summary>
internal sealed class QueueRoute : MessageRoute
{
    private const long SegmentBytes = 256L << 20;

    private static readonly TimeSpan s_joinLimit = TimeSpan.FromSeconds(10);

    private readonly MulticastChannel _sendChannel;
    private readonly MulticastChannel _receiveChannel;
    private readonly EstreamQueue _queue;
    private readonly QueueAppender _appender;
    private readonly MulticastPublisher _publisher;
    private readonly MulticastSubscriber _subscriber;
    private readonly EstreamQueue _copy;
    private readonly QueueTailer _tailer;
    private readonly IDisposable[] _holders;
    private readonly byte[] _payload = new byte[PacketWorkload.PayloadBytes];

    public QueueRoute(ContenderContext context, PacketNamespaces namespaces, PacketTransportKind kind)
    {
        MulticastChannelOptions options = new()
        {
            EndPoint = new IPEndPoint(IPAddress.Parse("239.215.0.1"), PacketWorkload.Port),
            Transport = kind,
            NetworkNamespace = namespaces.Sender,
            Interface = namespaces.SenderInterface,
        };
        _sendChannel = MulticastChannel.OpenPublisher(options);
        _receiveChannel = MulticastChannel.OpenSubscriber(
            options with { NetworkNamespace = namespaces.Receiver, Interface = namespaces.ReceiverInterface });
        QueueOptions queue = new() { SegmentBytes = SegmentBytes, RetainedBytes = SegmentBytes };
        string copy = Path.Combine(context.Directory, "copy");
        _queue = EstreamQueue.Open(Path.Combine(context.Directory, "source"), queue);
        _appender = _queue.CreateAppender(AppenderMode.Exclusive);
        _publisher = new MulticastPublisher(_queue, _sendChannel);
        _subscriber = new MulticastSubscriber(copy, _receiveChannel, new MulticastSubscriberOptions { Queue = queue });
        _ = _appender.Append(_payload);
        Join();
        _copy = EstreamQueue.OpenReadOnly(copy);
        _tailer = _copy.CreateTailer();
        _tailer.SeekToEnd();
        _holders = [Holder.Start(HeldStorage.Queue, _queue.Directory), Holder.Start(HeldStorage.Queue, copy)];
    }

    public override void Send(long number)
    {
        PacketWorkload.Stamp(_payload, number);
        _ = _appender.Append(_payload);
        Poll();
    }

    public override void Poll() => _sendChannel.Poll(_publisher);

    public override bool TryReceive(long number)
    {
        _ = _receiveChannel.Poll(_subscriber);
        if (!_tailer.TryRead(out QueueMessage message))
        {
            return false;
        }

        PacketWorkload.Require(message.Payload, number);
        return true;
    }

    public override void Dispose()
    {
        Array.ForEach(_holders, holder => holder.Dispose());
        _tailer.Dispose();
        _copy.Dispose();
        _subscriber.Dispose();
        _publisher.Dispose();
        _appender.Dispose();
        _queue.Dispose();
        _receiveChannel.Dispose();
        _sendChannel.Dispose();
    }

    private void Join()
    {
        long start = Stopwatch.GetTimestamp();
        while (_subscriber.State != MulticastState.Live || _subscriber.Statistics.LastPosition == 0)
        {
            if (Stopwatch.GetElapsedTime(start) > s_joinLimit)
            {
                throw new ScenarioException($"the subscriber has not joined within {s_joinLimit.TotalSeconds} s: {_subscriber.State}");
            }

            _ = _sendChannel.Poll(_publisher);
            _ = _receiveChannel.Poll(_subscriber);
        }
    }
}
