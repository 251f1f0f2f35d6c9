using System.Threading.Channels;
using Estream.Core;
using Estream.Wire.OpcUa.Codec;
using Estream.Wire.OpcUa.Services;
using Estream.Wire.OpcUa.Transport;

namespace Estream.Wire.OpcUa.Monitoring;

/// <summary>
/// Keeps Publish requests under way on one connection, and stores their messages in the order of their sequence numbers. A message is
/// acknowledged after it is stored. A missing message is asked for with Republish before a later one is stored. Ends with the connection
/// or the subscription.
/// </summary>
internal sealed class PublishPump
{
    private const int MaxAcknowledgements = 1_000;
    private const int NeverMs = int.MaxValue;
    private const int MinSilenceMs = 2_000;

    private readonly ServiceCaller _caller;
    private readonly SubscriptionState _state;
    private readonly MonitorOptions _options;
    private readonly IMonitorObserver _observer;
    private readonly GapRepair _repair;
    private readonly IClock _clock;
    private readonly Channel<Exchange> _ended;
    private int _underWay;
    private uint _lastRequest;
    private uint _lastStale;
    private long _lastResponse = UaTime.NowMs;
    private volatile bool _isStoring;

    public PublishPump(
        ServiceCaller caller, SubscriptionState state, MonitorOptions options, IMonitorObserver observer, GapRepair repair, IClock clock)
    {
        (_caller, _state, _options, _observer, _repair, _clock) = (caller, state, options, observer, repair, clock);
        _ended = Channel.CreateUnbounded<Exchange>(new UnboundedChannelOptions { SingleReader = true });
    }

    /// <summary>Whether the server has stopped answering Publish requests while its connection was open.</summary>
    public bool IsSilent { get; private set; }

    /// <summary>The number of messages and keep-alives that have arrived.</summary>
    public long Responses { get; private set; }

    /// <summary>Runs until the connection or the session ends.</summary>
    /// <param name="replace">Records that the subscription was lost, and creates another.</param>
    /// <param name="cancellation">Ends the pump.</param>
    /// <returns>The status that ended it.</returns>
    public async Task<UaStatus> RunAsync(Func<UaStatus, Task> replace, CancellationToken cancellation)
    {
        int silenceMs = Math.Max(MinSilenceMs, 3 * _state.KeepAliveMs);
        await using Timer watch = new(_ => Watch(silenceMs), null, silenceMs / 4, silenceMs / 4);
        for (int index = 0; index < _options.PublishRequests; index++)
        {
            Send(new Exchange { Ended = one => _ended.Writer.TryWrite(one) });
        }

        while (true)
        {
            Exchange exchange = await _ended.Reader.ReadAsync(cancellation).ConfigureAwait(false);
            _isStoring = true;
            _underWay--;
            if (exchange.Status.IsBad)
            {
                return exchange.Status;
            }

            PublishMessage message = PublishMessage.Read(exchange);
            if (message.Status == UaStatus.BadTooManyPublishRequests && _underWay > 0)
            {
                OnHandled();
                continue;
            }

            bool isLost = message.Status == UaStatus.BadNoSubscription || message.Status == UaStatus.BadSubscriptionIdInvalid;
            if (message.Status.IsBad && !isLost)
            {
                return message.Status;
            }

            Responses += isLost ? 0 : 1;
            if (!isLost && message.Subscription == _state.Id)
            {
                isLost = await TakeAsync(message, cancellation).ConfigureAwait(false);
            }
            else
            {
                // The other requests that were under way when the subscription was lost report the same loss.
                isLost = isLost && exchange.RequestId > _lastStale;
            }

            if (isLost)
            {
                _lastStale = _lastRequest;
                await replace(message.SubscriptionStatus ?? message.Status).ConfigureAwait(false);
            }

            Send(exchange);
            OnHandled();
        }
    }

    // While a message waits for a blocked queue, later responses wait too: that is not a silence of the server.
    private void OnHandled()
    {
        Volatile.Write(ref _lastResponse, UaTime.NowMs);
        _isStoring = false;
    }

    /// <returns>Whether the message reports the end of the subscription.</returns>
    private async ValueTask<bool> TakeAsync(PublishMessage message, CancellationToken cancellation)
    {
        long now = _clock.UtcNanos;
        int distance = _state.Distance(message.Sequence);
        if (distance > 1)
        {
            await _repair.RepublishAsync(_caller, message.Sequence, cancellation).ConfigureAwait(false);
        }

        if (message.IsKeepAlive)
        {
            return false;
        }

        if (distance > 0)
        {
            await _observer.StoreAsync(message.Data, now, cancellation).ConfigureAwait(false);
            _state.Store(message.Sequence, now);
        }
        else
        {
            // A message that was already stored, because its acknowledgement was lost.
            _state.Unacknowledged.Add(message.Sequence);
        }

        return message.SubscriptionStatus is { IsBad: true };
    }

    private void Send(Exchange exchange)
    {
        UaWriter request = _caller.Begin(exchange, TypeNumbers.PublishRequest, NeverMs);
        List<uint> stored = _state.Unacknowledged;
        int count = Math.Min(stored.Count, MaxAcknowledgements);
        request.Int32(count);
        for (int index = 0; index < count; index++)
        {
            request.UInt32(_state.Id);
            request.UInt32(stored[index]);
        }

        stored.RemoveRange(0, count);
        _underWay++;
        _caller.Channel.Send(exchange, NeverMs);
        _lastRequest = Math.Max(_lastRequest, exchange.RequestId);
    }

    /// <summary>Ends a connection on which the server answers no Publish request, not even with keep-alives.</summary>
    private void Watch(int silenceMs)
    {
        if (!_isStoring && UaTime.NowMs - Volatile.Read(ref _lastResponse) > silenceMs)
        {
            IsSilent = true;
            _caller.Channel.Abort("the server has stopped answering Publish requests");
        }
    }
}
