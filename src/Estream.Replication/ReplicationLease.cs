using System.Buffers.Binary;
using Estream.Core;
using Estream.Replication.Internal;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Estream.Replication;

/// <summary>
/// A lease for which processes compete. The brokers give the lease to one process, and to another process when the holder ends, is silent
/// for three seconds, or loses its connection. Thread-safe.
/// </summary>
/// <remarks>
/// The lease is a quorum queue with a single active consumer. Each process sends probes to the queue; the process that receives a probe
/// is the active consumer. The lease only chooses a process, and a process may not know that it has lost the lease. The holder must take
/// over the queues (<see cref="QueueFollower.TakeOverAsync"/>) before it works: the epochs of the queues fence an earlier holder.
/// </remarks>
public sealed class ReplicationLease : IAsyncDisposable
{
    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_probePeriod = TimeSpan.FromMilliseconds(250);

    // The brokers give the lease to another process when its holder is silent for three seconds.
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(3);
    private static readonly BasicProperties s_probe = new() { Expiration = "1000" };

    // A dead broker must not use up the time in which the host keeps working without a probe.
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(1.5);

    private readonly ReplicationCluster _cluster;
    private readonly string _queue;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _acquired = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _run;
    private volatile string? _failure;
    private readonly Guid _sender = Guid.NewGuid();
    private volatile bool _isHeld;
    private long _probedAt;

    internal ReplicationLease(ReplicationCluster cluster, string queue)
    {
        (_cluster, _queue) = (cluster, queue);
        _run = Task.Run(RunAsync);
    }

    /// <summary>Completes when this process first holds the lease.</summary>
    public Task Acquired => _acquired.Task;

    /// <summary>Whether this process holds the lease, as far as the process knows: it got back a probe that it sent in the last three
    /// seconds. The time includes time in suspend. Without a majority of the brokers there are no probes, also while a broker is
    /// connected.</summary>
    public bool IsHeld => _isHeld && NowNanos - Volatile.Read(ref _probedAt) < s_silence.Ticks * TimeSpan.NanosecondsPerTick;

    private static long NowNanos => SystemClock.Instance.ElapsedNanos;

    /// <summary>Why this process cannot compete now; null if it can.</summary>
    public string? Failure => _failure;

    /// <summary>Releases the lease at once.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        _ = _acquired.TrySetCanceled();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        Backoff backoff = new();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await CompeteAsync(backoff).ConfigureAwait(false);
            }
            catch (Exception failure) when (RabbitLog.IsFailure(failure, _stop.Token))
            {
                _failure = RabbitLog.Failed(_queue, failure).Message;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            finally
            {
                _isHeld = false;
            }

            await backoff.PauseAsync(_stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task CompeteAsync(Backoff backoff)
    {
        IConnection connection = await RabbitLog.OpenConnectionAsync(_cluster, s_heartbeat, s_connectTimeout, _stop.Token)
            .ConfigureAwait(false);
        try
        {
            IChannel channel = await OpenChannelAsync(connection).ConfigureAwait(false);
            _failure = null;
            backoff.Reset();
            while (true)
            {
                await channel.BasicPublishAsync(string.Empty, _queue, mandatory: false, s_probe, CreateProbe(), _stop.Token)
                    .ConfigureAwait(false);
                await Task.Delay(s_probePeriod, _stop.Token).ConfigureAwait(false);
            }
        }
        finally
        {
            await RabbitLog.CloseAsync(connection).ConfigureAwait(false);
        }
    }

    private async Task<IChannel> OpenChannelAsync(IConnection connection)
    {
        IChannel channel = await connection.CreateChannelAsync(cancellationToken: _stop.Token).ConfigureAwait(false);
        Dictionary<string, object?> arguments = new()
        {
            ["x-queue-type"] = "quorum",
            ["x-quorum-initial-group-size"] = _cluster.Factor,
            ["x-single-active-consumer"] = true,
            ["x-max-length"] = 64,
        };
        _ = await channel.QueueDeclareAsync(_queue, durable: true, exclusive: false, autoDelete: false, arguments,
            cancellationToken: _stop.Token).ConfigureAwait(false);
        AsyncEventingBasicConsumer consumer = new(channel);
        consumer.ReceivedAsync += (_, probe) =>
        {
            if (TryReadProbe(probe.Body.Span, out long sentAt))
            {
                Volatile.Write(ref _probedAt, sentAt);
                _isHeld = true;
                _ = _acquired.TrySetResult();
            }

            return Task.CompletedTask;
        };

        // The broker ends a consumer when its queue moves to another broker or is deleted.
        consumer.UnregisteredAsync += (_, _) => channel.AbortAsync(_stop.Token);
        _ = await channel.BasicConsumeAsync(_queue, autoAck: true, consumer, _stop.Token).ConfigureAwait(false);
        return channel;
    }

    // A probe has its sender and the time at which it was sent: a probe that waited in a buffer while this process was stopped, or that
    // another process sent, says nothing about the present.
    private byte[] CreateProbe()
    {
        byte[] probe = new byte[16 + sizeof(long)];
        _ = _sender.TryWriteBytes(probe);
        BinaryPrimitives.WriteInt64LittleEndian(probe.AsSpan(16), NowNanos);
        return probe;
    }

    private bool TryReadProbe(ReadOnlySpan<byte> probe, out long sentAt)
    {
        sentAt = 0;
        return probe.Length == 16 + sizeof(long) && new Guid(probe[..16]) == _sender
            && BinaryPrimitives.TryReadInt64LittleEndian(probe[16..], out sentAt) && sentAt <= NowNanos;
    }
}
