using Estream.Core;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>An open map with the fold that updates it.</summary>
internal sealed class MapRuntime : IAsyncDisposable
{
    /// <summary>The interval in which the stopping host checks whether the fold has reached the end.</summary>
    private const int ArrivalPollMs = 5;

    private readonly StateMap<Utf8Key64, LatestEntry> _map;
    private readonly EstreamQueue _queue;
    private readonly MapFold _fold;
    private readonly CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;
    private bool _isStarted;

    // Why the end of the queue could not be found when the map was stopped.
    private EstreamException? _endless;

    private MapRuntime(
        MapPlan plan, StateMap<Utf8Key64, LatestEntry> map, EstreamQueue queue, MapFold fold, MapView view, ReadGate gate)
    {
        Gate = gate;
        Plan = plan;
        _map = map;
        _queue = queue;
        _fold = fold;
        View = view;
    }

    public MapPlan Plan { get; }

    /// <summary>Closes when the map closes. Clients read the map inside this gate.</summary>
    public ReadGate Gate { get; }

    public StateMap<Utf8Key64, LatestEntry> Map => _map;

    public EstreamQueue Queue => _queue;

    public MapView View { get; }

    public long EntryCount => _map.Count;

    public long FoldedTotal => _fold.Applied;

    /// <summary>Completes when the map has reached the end of the queue for the first time.</summary>
    public Task CaughtUp => _fold.CaughtUp;

    /// <summary>Why the map has stopped; null while it follows its queue.</summary>
    public string? Failure => _run.Exception?.InnerException?.Message ?? _fold.Failure?.Message ?? _endless?.Message;

    /// <summary>Whether everything in the queue was in the map when the fold was stopped.</summary>
    public bool HasArrived { get; private set; }

    /// <exception cref="Core.EstreamException">The map cannot be opened; the message says why.</exception>
    /// <exception cref="ArgumentException">The schema or its key field do not exist.</exception>
    public static MapRuntime Open(MapPlan plan, EsfSchema schema, EstreamQueue queue, string directory,
        Func<StateMap<Utf8Key64, LatestEntry>, ReadGate, MapView> view, ReadGate host, IngressSink? feeder = null)
    {
        ReadGate gate = new(host);
        StateMap<Utf8Key64, LatestEntry> map = StateMap.Open<Utf8Key64, LatestEntry>(directory);
        try
        {
            QueueInfo info = queue.GetInfo();
            bool isFollowed = info.Tailers.Any(t => t.Name == plan.ReaderName);
            LatestMapSink sink = new(map, LatestMapSink.OriginOf(plan.Queue, schema.QualifiedName, plan.Key), info.EndPosition, isFollowed);
            MapFold fold = new(plan.Name, queue, schema, plan.Key, sink, feeder);
            return new MapRuntime(plan, map, queue, fold, view(map, gate), gate);
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    /// <summary>Starts to follow the queue on a dedicated thread. Does nothing if the map has started.</summary>
    public void Start()
    {
        if (!_isStarted)
        {
            _isStarted = true;
            _run = _fold.RunAsync(_stop.Token);
        }
    }

    /// <summary>Waits until all messages of the queue are in the map, then stops the fold. The queue must have no active
    /// appenders.</summary>
    /// <param name="giveUp">Cancels the wait; missing messages are applied at the next start.</param>
    public async Task StopAsync(CancellationToken giveUp)
    {
        if (!TryFindEnd(out long end))
        {
            await EndAsync().ConfigureAwait(false);
            return;
        }

        while (!_run.IsCompleted && _fold.Failure is null && !giveUp.IsCancellationRequested && _fold.Position < end)
        {
            await Task.Delay(ArrivalPollMs, CancellationToken.None).ConfigureAwait(false);
        }

        HasArrived = _fold.Position >= end;

        await EndAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync().ConfigureAwait(false);
        Gate.Close();
        _stop.Dispose();
        _map.Dispose();
    }

    /// <summary>Finds the end of the queue. Called once per stop, because it scans the last segment while the fold needs the
    /// processor.</summary>
    private bool TryFindEnd(out long end)
    {
        try
        {
            end = _queue.GetInfo().EndPosition;
            return true;
        }
        catch (EstreamException e)
        {
            // Do not throw: the other maps must still be stopped and the queues closed.
            _endless = e;
            end = 0;
            return false;
        }
    }

    private async Task EndAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
