using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Estream.Scenarios.Peers.Brokers;

/// <summary>Publishes to a RabbitMQ stream and reads it with RabbitMQ.Client, the library that the product also uses. An entry is
/// confirmed when a majority of the brokers has it.</summary>
internal sealed class RabbitStreamClient : IDisposable
{
    private const ushort Prefetch = 64;

    private readonly RabbitCluster _cluster;
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly BasicProperties _properties = new();
    private readonly string _stream;

    public RabbitStreamClient(ContenderContext context, int brokers)
    {
        _cluster = RabbitCluster.Open(context, brokers);
        _stream = Path.GetFileName(context.Directory);
        ConnectionFactory factory = new() { HostName = "127.0.0.1", Port = _cluster.Ports[0] };
        _connection = factory.CreateConnectionAsync().GetAwaiter().GetResult();
        CreateChannelOptions confirming = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        _channel = _connection.CreateChannelAsync(confirming).GetAwaiter().GetResult();
        Dictionary<string, object?> arguments = new() { ["x-queue-type"] = "stream", ["x-initial-cluster-size"] = brokers };
        _ = _channel.QueueDeclareAsync(_stream, durable: true, exclusive: false, autoDelete: false, arguments).GetAwaiter().GetResult();
    }

    /// <summary>Publishes entries, at most <paramref name="inFlight"/> of them unconfirmed, and returns when all are confirmed.</summary>
    public async Task PublishAsync(ReadOnlyMemory<byte> entry, long count, int inFlight)
    {
        Task[] pending = new Task[inFlight];
        Array.Fill(pending, Task.CompletedTask);
        for (long i = 0; i < count; i++)
        {
            await pending[i % inFlight].ConfigureAwait(false);
            pending[i % inFlight] = PublishAsync(entry);
        }

        await Task.WhenAll(pending).ConfigureAwait(false);
    }

    /// <summary>Publishes an entry and returns when it is confirmed.</summary>
    public Task PublishAsync(ReadOnlyMemory<byte> entry) =>
        _channel.BasicPublishAsync(string.Empty, _stream, mandatory: false, _properties, entry).AsTask();

    /// <summary>Reads entries from the start of the stream.</summary>
    public async Task ReadAsync(long count)
    {
        IChannel reading = await _connection.CreateChannelAsync().ConfigureAwait(false);
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        AsyncEventingBasicConsumer consumer = new(reading);
        long read = 0;
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            if (++read % (Prefetch / 4) == 0)
            {
                await reading.BasicAckAsync(delivery.DeliveryTag, multiple: true).ConfigureAwait(false);
            }

            if (read == count)
            {
                done.SetResult();
            }
        };
        await reading.BasicQosAsync(0, Prefetch, global: false).ConfigureAwait(false);
        Dictionary<string, object?> arguments = new() { ["x-stream-offset"] = "first" };
        _ = await reading.BasicConsumeAsync(_stream, autoAck: false, string.Empty, noLocal: false, exclusive: false, arguments, consumer)
            .ConfigureAwait(false);
        await done.Task.ConfigureAwait(false);
        await reading.DisposeAsync().ConfigureAwait(false);
    }

    public void Dispose()
    {
        _connection.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _cluster.Dispose();
    }
}
