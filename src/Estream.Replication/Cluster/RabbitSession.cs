using System.Buffers;
using System.Threading.Channels;
using Estream.Core;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Estream.Replication.Internal;

/// <summary>A stream of the brokers.</summary>
/// <param name="Name">The name.</param>
/// <param name="Factor">The number of brokers that store the stream if it is created; null to require that the stream exists.</param>
/// <param name="Limits">What the brokers keep of a stream that is created.</param>
internal readonly record struct RabbitStream(string Name, int? Factor, StreamLimits Limits = default);

/// <summary>A connection with one channel that publishes and one consumer.</summary>
internal sealed class RabbitSession : IBatchSession
{
    public const ushort Prefetch = 64;
    public const string OffsetHeader = "x-stream-offset";

    private static readonly BasicProperties s_properties = new();

    private readonly IConnection _connection;
    private readonly IChannel _publishing;
    private readonly IChannel _reading;
    private readonly string _stream;
    private readonly Channel<(BatchEntry Entry, ulong Tag)> _entries =
        Channel.CreateBounded<(BatchEntry, ulong)>(new BoundedChannelOptions(2 * Prefetch) { SingleReader = true, SingleWriter = true });

    private int _unacknowledged;

    private RabbitSession(IConnection connection, IChannel publishing, IChannel reading, string stream)
    {
        (_connection, _publishing, _reading, _stream) = (connection, publishing, reading, stream);
        connection.ConnectionShutdownAsync += OnShutdownAsync;
        reading.ChannelShutdownAsync += OnShutdownAsync;
        publishing.ChannelShutdownAsync += OnShutdownAsync;
    }

    public static async Task<RabbitSession> OpenAsync(
        IConnection connection, RabbitStream stream, long known, CancellationToken cancellation)
    {
        IChannel publishing = await DeclareAsync(connection, stream, cancellation).ConfigureAwait(false);
        bool isShort = known >= 0 && !await StreamProbe.ReachesAsync(connection, stream.Name, known, cancellation).ConfigureAwait(false);
        IChannel reading = await connection.CreateChannelAsync(cancellationToken: cancellation).ConfigureAwait(false);
        RabbitSession session = new(connection, publishing, reading, stream.Name) { IsShort = isShort };
        await session.ConsumeAsync(isShort ? -1 : known, cancellation).ConfigureAwait(false);
        return session;
    }

    public bool IsShort { get; private init; }

    public async ValueTask PublishAsync(ReadOnlyMemory<byte> entry, CancellationToken cancellation)
    {
        try
        {
            await _publishing.BasicPublishAsync(string.Empty, _stream, mandatory: false, s_properties, entry, cancellation)
                .ConfigureAwait(false);
        }
        catch (Exception failure) when (RabbitLog.IsFailure(failure, cancellation))
        {
            throw RabbitLog.Failed(_stream, failure);
        }
    }

    public async ValueTask<BatchEntry> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            (BatchEntry entry, ulong tag) = await _entries.Reader.ReadAsync(cancellation).ConfigureAwait(false);
            if (++_unacknowledged >= Prefetch / 4)
            {
                _unacknowledged = 0;
                await _reading.BasicAckAsync(tag, multiple: true, cancellation).ConfigureAwait(false);
            }

            return entry;
        }
        catch (Exception failure) when (RabbitLog.IsFailure(failure, cancellation))
        {
            throw failure.InnerException is EstreamException known ? known : RabbitLog.Failed(_stream, failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        End("the session was closed");
        await RabbitLog.CloseAsync(_connection).ConfigureAwait(false);
    }

    // A stream that exists keeps the arguments with which it was created: the broker refuses a declaration with others.
    private static async Task<IChannel> DeclareAsync(IConnection connection, RabbitStream stream, CancellationToken cancellation)
    {
        IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellation).ConfigureAwait(false);
        try
        {
            _ = await channel.QueueDeclarePassiveAsync(stream.Name, cancellation).ConfigureAwait(false);
            return channel;
        }
        catch (OperationInterruptedException missing) when (stream.Factor is not null && RabbitLog.IsMissing(missing))
        {
            channel = await connection.CreateChannelAsync(cancellationToken: cancellation).ConfigureAwait(false);
        }

        Dictionary<string, object?> arguments = new()
        {
            ["x-queue-type"] = "stream",
            ["x-initial-cluster-size"] = stream.Factor!.Value,
        };
        stream.Limits.AddTo(arguments);
        _ = await channel.QueueDeclareAsync(stream.Name, durable: true, exclusive: false, autoDelete: false, arguments,
            cancellationToken: cancellation).ConfigureAwait(false);
        return channel;
    }

    private async Task ConsumeAsync(long known, CancellationToken cancellation)
    {
        AsyncEventingBasicConsumer consumer = new(_reading);
        consumer.ReceivedAsync += OnReceivedAsync;
        consumer.UnregisteredAsync += OnCancelledAsync;
        await _reading.BasicQosAsync(0, Prefetch, global: false, cancellation).ConfigureAwait(false);
        Dictionary<string, object?> arguments = new() { [OffsetHeader] = known < 0 ? "first" : known };
        _ = await _reading.BasicConsumeAsync(_stream, autoAck: false, string.Empty, noLocal: false, exclusive: false, arguments, consumer,
            cancellation).ConfigureAwait(false);
    }

    private async Task OnReceivedAsync(object sender, BasicDeliverEventArgs delivery)
    {
        if (delivery.BasicProperties.Headers?.TryGetValue(OffsetHeader, out object? value) != true || value is not long offset)
        {
            End($"a message of '{_stream}' has no stream offset: the queue is not a stream");
            return;
        }

        // The body is valid only during this call.
        byte[] buffer = ArrayPool<byte>.Shared.Rent(delivery.Body.Length);
        delivery.Body.CopyTo(buffer);
        BatchEntry entry = new(offset, buffer, delivery.Body.Length);
        try
        {
            await _entries.Writer.WriteAsync((entry, delivery.DeliveryTag)).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            entry.Return();
        }
    }

    private Task OnCancelledAsync(object sender, ConsumerEventArgs cancelled)
    {
        End("the broker ended the reader");
        return Task.CompletedTask;
    }

    private Task OnShutdownAsync(object sender, ShutdownEventArgs shutdown)
    {
        End($"{shutdown.ReplyText} ({shutdown.ReplyCode})");
        return Task.CompletedTask;
    }

    private void End(string reason) => _entries.Writer.TryComplete(
        new EstreamStorageException($"The connection to stream '{_stream}' ended: {reason}.", _stream, StorageFailure.Other));
}
