using System.Runtime.CompilerServices;
using System.Text;
using Estream.Core;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>
/// One connection of an <see cref="MqttPublisher"/>. Its messages are numbered 0, 1, 2, …: message n belongs to device n mod devices and
/// has sequence n / devices. At QoS 1, the messages from the first unacknowledged one on are resent after a connection loss.
/// </summary>
internal sealed class PublisherConnection
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_connectLimit = TimeSpan.FromSeconds(10);

    private readonly MqttPublisherOptions _options;
    private readonly PublisherBatch _batch;
    private readonly int _index;
    private readonly long _limit;
    private readonly double _perSecond;
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2), Random.Shared);

    private long _next;
    private long _sent;
    private long _bytes;
    private long _losses;
    private volatile PublisherLink? _link;
    private long _answered;
    private long _refused;

    public PublisherConnection(MqttPublisherOptions options, int index, byte[][] topics, MqttPayloadWriter writePayload)
    {
        _options = options;
        _index = index;
        _batch = new PublisherBatch(options, index, topics, writePayload);
        _limit = options.MaxMessages == 0
            ? long.MaxValue
            : (options.MaxMessages / options.Connections) + (index < options.MaxMessages % options.Connections ? 1 : 0);
        _perSecond = options.MessagesPerSecond / options.Connections;
    }

    public long Sent => Volatile.Read(ref _sent);

    public long Bytes => Volatile.Read(ref _bytes);

    public long Losses => Volatile.Read(ref _losses);

    public long Refused => Volatile.Read(ref _refused);

    public long Acknowledged => Volatile.Read(ref _answered) - Refused;

    public bool IsOpen => _link is not null;

    private bool IsAcknowledged => _options.Qos == MqttQos.AtLeastOnce;

    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(cancellation).ConfigureAwait(false);
                return;
            }
            catch (WireConnectionException failure) when (_options.Reconnect && failure.IsTransient)
            {
                Interlocked.Increment(ref _losses);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }

            await Delays.WaitAsync(_backoff.Next(), cancellation).ConfigureAwait(false);
        }
    }

    private async Task RunOnceAsync(CancellationToken cancellation)
    {
        PublisherLink link = await OpenAsync(cancellation).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = link.ConfigureAwait(false);
        _backoff.Reset();
        _link = link;
        try
        {
            // At QoS 1, resend all messages that were not acknowledged: the session ended with the connection.
            _next = IsAcknowledged ? Volatile.Read(ref _answered) : _next;
            await PumpAsync(link, cancellation).ConfigureAwait(false);
            await link.DisconnectAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Cancelled inside a packet, so no DISCONNECT can be sent.
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or OperationCanceledException)
        {
            throw link.Failure ?? new WireConnectionException(
                $"The connection to {_options.Host}:{_options.Port} was lost: {failure.Message}", isTransient: true, failure);
        }
        finally
        {
            _link = null;
        }
    }

    private async Task<PublisherLink> OpenAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_connectLimit);
        ConnectRequest request = new()
        {
            ClientId = $"{_options.ClientIdPrefix}-{_index}",
            UserName = _options.UserName,
            Password = _options.Password is null ? null : Encoding.UTF8.GetBytes(_options.Password),
        };
        try
        {
            return await PublisherLink.OpenAsync(_options, request, OnAnswer, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new WireConnectionException(
                $"{_options.Host}:{_options.Port} did not answer the CONNECT within {s_connectLimit.TotalSeconds:0} s.", isTransient: true);
        }
    }

    private async Task PumpAsync(PublisherLink link, CancellationToken cancellation)
    {
        Pace pace = new(_perSecond);
        long first = _next;
        while (!cancellation.IsCancellationRequested && _next < _limit)
        {
            link.ThrowIfLost();
            long room = Math.Min(_limit - _next, pace.Allowed(_next - first));
            if (IsAcknowledged)
            {
                room = Math.Min(room, link.Window - (_next - Volatile.Read(ref _answered)));
            }

            if (room <= 0)
            {
                await link.WaitAsync(s_tick, cancellation).ConfigureAwait(false);
                continue;
            }

            int count = _batch.Fill(_next, room);
            await link.SendAsync(_batch.Encoded, cancellation).ConfigureAwait(false);
            _next += count;
            Volatile.Write(ref _sent, _sent + count);
            Volatile.Write(ref _bytes, _bytes + _batch.Encoded.Length);
        }

        while (IsAcknowledged && Volatile.Read(ref _answered) < _next && !cancellation.IsCancellationRequested)
        {
            link.ThrowIfLost();
            await link.WaitAsync(s_tick, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Checks that acknowledgements arrive in the order of the messages [MQTT-4.6.0-2]. Any other order is a fault of the
    /// server.</summary>
    private bool OnAnswer(ushort packetId, bool isSuccess)
    {
        long number = Volatile.Read(ref _answered);
        if (packetId != PublisherBatch.PacketId(number))
        {
            return false;
        }

        if (isSuccess)
        {
            _options.Acknowledged?.Invoke(_batch.DeviceOf(number), _batch.SequenceOf(number));
        }
        else
        {
            Volatile.Write(ref _refused, _refused + 1);
        }

        Volatile.Write(ref _answered, number + 1);
        return true;
    }
}

/// <summary>Limits messages to a rate, starting now.</summary>
internal readonly struct Pace(double perSecond)
{
    private const double NanosPerSecond = 1e9;

    private readonly long _start = SystemClock.Instance.MonotonicNanos;

    /// <summary>Returns how many messages may be sent now if <paramref name="sent"/> were sent already. Unlimited at rate 0.</summary>
    public long Allowed(long sent)
    {
        return perSecond <= 0
            ? long.MaxValue
            : (long)((SystemClock.Instance.MonotonicNanos - _start) / NanosPerSecond * perSecond) + 1 - sent;
    }
}
