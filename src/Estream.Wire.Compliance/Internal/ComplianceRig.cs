using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Estream.Core;
using Estream.Queue;

namespace Estream.Wire.Compliance.Internal;

/// <summary>
/// The environment of one check: an adapter with its own queues, disk and clock, its peer, and the events it reported. Disposing the rig
/// cleans up everything that is left and never throws, so that a broken adapter does not prevent the next check.
/// </summary>
internal sealed class ComplianceRig : IAsyncDisposable
{
    public const string AdapterName = "compliance";
    public const string SettingsPath = "Estream:Adapters:" + AdapterName;

    private const int PollMs = 5;
    private const long NanosPerMs = 1_000_000;

    private static readonly TimeSpan s_cleanUpLimit = TimeSpan.FromSeconds(10);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"estream-compliance-{Guid.NewGuid():N}");
    private readonly ConcurrentQueue<AdapterEvent> _events = new();
    private readonly List<IPeerConnection> _connections = [];
    private readonly AdapterContext _context;
    private readonly CancellationToken _cancellation;
    private CancellationTokenSource _stop = new();
    private Task _ingest = Task.CompletedTask;
    private IWireAdapter? _adapter;
    private IWirePeer? _peer;

    public ComplianceRig(IComplianceSubject subject, CancellationToken cancellation)
    {
        Subject = subject;
        _cancellation = cancellation;
        string files = Path.Combine(_folder, "site");
        Directory.CreateDirectory(files);
        Site = new ComplianceSite(LoopbackPort.Next(), files, $"canary-{Guid.NewGuid():N}");
        Queues = new ComplianceQueues(_folder, subject);
        _context = new AdapterContext(AdapterName, subject.Schemas, Queues.Sinks, Clock, _events.Enqueue)
        {
            Place = new AdapterPlace(Path.Combine(_folder, "place"), new QueueOptions { Clock = Clock }),
        };
    }

    public IComplianceSubject Subject { get; }

    public ComplianceSite Site { get; }

    public ComplianceQueues Queues { get; }

    public ComplianceClock Clock { get; } = new();

    /// <summary>Cancels the check.</summary>
    public CancellationToken Cancellation => _cancellation;

    /// <summary>The events the adapter has reported.</summary>
    public AdapterEvent[] Events => [.. _events];

    public bool Listens => (Subject.Traits & ComplianceTraits.Listens) != 0;

    public bool Acknowledges => (Subject.Traits & ComplianceTraits.Acknowledges) != 0;

    /// <summary>The adapter created last.</summary>
    public IWireAdapter Adapter => _adapter ?? throw new InvalidOperationException("Create the adapter first.");

    /// <summary>Whether Ingest is still running.</summary>
    public bool IsIngesting => !_ingest.IsCompleted;

    /// <exception cref="ComplianceException">The condition is false.</exception>
    public static void Require([DoesNotReturnIf(false)] bool condition, string promise)
    {
        if (!condition)
        {
            throw new ComplianceException(promise);
        }
    }

    /// <summary>Returns the subject's settings with some values replaced.</summary>
    public WireSettings Settings(params (string Key, string Value)[] others)
    {
        Dictionary<string, string?> values = new(Subject.Settings(Site), StringComparer.OrdinalIgnoreCase)
        {
            ["Type"] = Subject.Factory.Descriptor.Type,
        };
        foreach ((string key, string value) in others)
        {
            values[key] = value;
        }

        return new WireSettings(SettingsPath, values);
    }

    public IWireAdapter Create()
    {
        return _adapter = Create(Settings());
    }

    /// <summary>Creates an adapter that the caller disposes.</summary>
    public IWireAdapter Create(WireSettings settings)
    {
        return Subject.Factory.Create(_context, settings);
    }

    /// <summary>Creates the peer, then an adapter, and runs it.</summary>
    public async Task StartAsync()
    {
        Appear();
        await StartAloneAsync().ConfigureAwait(false);
    }

    /// <summary>Creates an adapter and runs it, with or without a peer.</summary>
    public async Task StartAloneAsync()
    {
        await Create().StartAsync(_cancellation).ConfigureAwait(false);
        Ingest();
    }

    /// <summary>Runs Ingest of the started adapter.</summary>
    public void Ingest()
    {
        IWireAdapter adapter = Adapter;
        _stop = new CancellationTokenSource();
        CancellationToken stop = _stop.Token;
        _ingest = Task.Run(() => adapter.Ingest(stop), CancellationToken.None);
    }

    /// <summary>Runs Ingest with a token that is already cancelled.</summary>
    public async Task IngestCancelledAsync()
    {
        IWireAdapter adapter = Adapter;
        _ingest = Task.Run(() => adapter.Ingest(new CancellationToken(canceled: true)), CancellationToken.None);
        await EndOfIngestAsync().ConfigureAwait(false);
    }

    /// <summary>Creates the peer if there is none.</summary>
    public void Appear()
    {
        _peer ??= Subject.CreatePeer(Site);
    }

    /// <summary>Disposes the peer with all its connections.</summary>
    public async Task VanishAsync()
    {
        if (_peer is { } peer)
        {
            _peer = null;
            await peer.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Opens a connection that is ready for messages.</summary>
    public async Task<IPeerConnection> OpenAsync()
    {
        IWirePeer peer = _peer ?? throw new InvalidOperationException("There is no peer now.");
        IPeerConnection connection = await PatientlyAsync(peer.OpenAsync, "a connection is established").ConfigureAwait(false);
        _connections.Add(connection);
        return connection;
    }

    /// <summary>Opens a connection whose peer violates the protocol.</summary>
    public async Task MisbehaveAsync()
    {
        IWirePeer peer = _peer ?? throw new InvalidOperationException("There is no peer now.");
        await PatientlyAsync(
            async cancellation =>
            {
                await peer.MisbehaveAsync(cancellation).ConfigureAwait(false);
                return true;
            },
            "a connection on which the peer violates the protocol is closed").ConfigureAwait(false);
    }

    /// <summary>Sends messages as one block of bytes.</summary>
    public ValueTask SendAsync(IPeerConnection connection, IEnumerable<int> numbers, Func<int, ComplianceMessage>? message = null)
    {
        byte[] bytes = [.. numbers.SelectMany(number => connection.Encode(number, (message ?? Subject.Message)(number)).ToArray())];
        return connection.SendAsync(bytes, _cancellation);
    }

    /// <summary>Sends a message and waits until it is stored.</summary>
    public async Task StoreAsync(IPeerConnection connection, int number)
    {
        long before = Queues.Stored;
        await SendAsync(connection, [number]).ConfigureAwait(false);
        await UntilAsync(() => Queues.Stored > before, $"message {number} is stored").ConfigureAwait(false);
    }

    /// <summary>Waits for a condition.</summary>
    /// <exception cref="ComplianceException">The condition did not become true within <see
    /// cref="IComplianceSubject.Patience"/>.</exception>
    public async Task UntilAsync(Func<bool> condition, string promise)
    {
        if (!await WaitAsync(condition, Subject.Patience).ConfigureAwait(false))
        {
            throw new ComplianceException($"not fulfilled within {Subject.Patience.TotalSeconds:0.#} s: {promise}.{Told()}");
        }
    }

    /// <summary>Waits until a condition is true or the time limit has passed; returns whether it is true.</summary>
    public async Task<bool> WaitAsync(Func<bool> condition, TimeSpan limit)
    {
        long end = SystemClock.Instance.MonotonicNanos + ((long)limit.TotalMilliseconds * NanosPerMs);
        while (!condition())
        {
            if (SystemClock.Instance.MonotonicNanos > end)
            {
                return false;
            }

            await Task.Delay(PollMs, _cancellation).ConfigureAwait(false);
        }

        return true;
    }

    public Task UntilAsync(HealthState state, string promise)
    {
        return UntilAsync(() => Adapter.Health.State == state, promise);
    }

    /// <summary>Cancels Ingest without waiting for its end.</summary>
    public Task CancelAsync()
    {
        return _stop.CancelAsync();
    }

    /// <summary>Cancels Ingest and verifies that it ends correctly.</summary>
    public async Task StopAsync()
    {
        await CancelAsync().ConfigureAwait(false);
        await EndOfIngestAsync().ConfigureAwait(false);
    }

    /// <exception cref="ComplianceException">Ingest does not end, or ends with an exception.</exception>
    public async Task EndOfIngestAsync()
    {
        Require(await EndsAsync(_ingest, Subject.Patience).ConfigureAwait(false),
            "Ingest must end when it is cancelled, whatever is connected; it is still running.");
        if (!_ingest.IsCompletedSuccessfully)
        {
            Exception? thrown = _ingest.Exception?.InnerException;
            throw new ComplianceException(
                $"Ingest must end without an exception when it is cancelled; it threw "
                + $"{thrown?.GetType().Name ?? "an OperationCanceledException"}.", thrown);
        }
    }

    /// <summary>Disposes the adapter.</summary>
    /// <exception cref="ComplianceException">DisposeAsync does not end, or throws.</exception>
    public async Task DisposeAdapterAsync()
    {
        IWireAdapter adapter = Adapter;
        Task disposing = Task.Run(() => adapter.DisposeAsync().AsTask(), CancellationToken.None);
        Require(await EndsAsync(disposing, Subject.Patience).ConfigureAwait(false), "DisposeAsync must end; it is still running.");
        if (disposing.Exception?.InnerException is { } thrown)
        {
            throw new ComplianceException(
                $"DisposeAsync must not throw, however often it is called; it threw {thrown.GetType().Name}: {thrown.Message}", thrown);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IPeerConnection connection in _connections)
        {
            await EndsAsync(Task.Run(() => connection.DisposeAsync().AsTask()), s_cleanUpLimit).ConfigureAwait(false);
        }

        await EndsAsync(Task.Run(VanishAsync), s_cleanUpLimit).ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_adapter is { } adapter)
        {
            await EndsAsync(Task.Run(() => adapter.DisposeAsync().AsTask()), s_cleanUpLimit).ConfigureAwait(false);
        }

        // An adapter that never stops still uses its queues: disposing them would crash this process.
        if (await EndsAsync(_ingest, s_cleanUpLimit).ConfigureAwait(false))
        {
            Queues.Dispose();
        }

        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The adapter left files open, which is not a failure of this check.
        }
    }

    private static async Task<bool> EndsAsync(Task task, TimeSpan limit)
    {
        await Task.WhenAny(task, Task.Delay(limit)).ConfigureAwait(false);

        // Marks the exception as observed; the caller inspects it.
        _ = task.Exception;
        return task.IsCompleted;
    }

    private async Task<T> PatientlyAsync<T>(Func<CancellationToken, ValueTask<T>> step, string promise)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(_cancellation);
        limit.CancelAfter(Subject.Patience);
        try
        {
            return await step(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!_cancellation.IsCancellationRequested)
        {
            throw new ComplianceException($"not fulfilled within {Subject.Patience.TotalSeconds:0.#} s: {promise}.{Told()}");
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            throw new ComplianceException($"waited until {promise}, but the peer failed: {failure.Message}{Told()}", failure);
        }
    }

    private string Told()
    {
        string health = _adapter is null ? "" : $" The adapter's health: {_adapter.Health}.";
        AdapterEvent? last = _events.LastOrDefault();
        return last is null ? health : $"{health} Its last event: {last.Kind}: {last.Detail}";
    }
}
