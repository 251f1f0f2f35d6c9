using Estream.Circuits.Metering;
using Estream.Circuits.ServiceLevels;
using Estream.Core;
using Estream.Streams;
using Estream.Streams.Operators;
using Estream.Streams.Pipelines;

namespace Estream.Circuits;

/// <summary>A circuit on its threads. Thread-safe.</summary>
public sealed class RunningCircuit
{
    private readonly PipelineRunner[] _outputs;
    private readonly Tenant _tenant;
    private readonly long _bufferBytes;
    private readonly long _attestationsBefore;
    private readonly ServiceLevelWatch _promises;
    private Holding _holding = new(0, 0, 0);

    internal RunningCircuit(Circuit circuit, Tenant tenant, CircuitRuntimeOptions options)
    {
        Circuit = circuit;
        _tenant = tenant;
        _outputs = new PipelineRunner[circuit.Pipelines.Count];
        int opened = 0;
        try
        {
            foreach (DeclaredPipeline pipeline in circuit.Pipelines)
            {
                RunningPipeline running = pipeline.Open(options.Places);
                foreach (EsfPipeline each in running.Rejects.Prepend(running.Results))
                {
                    each.IsCpuMetered = true;
                }

                string output = circuit.Outputs[opened].Name;
                _outputs[opened++] = new PipelineRunner(running, tenant.HasLimits ? () => new TenantPace(tenant, options.Clock) : null)
                {
                    Failed = reason => options.Failed?.Invoke(this, output, reason),
                };
            }
        }
        catch
        {
            foreach (PipelineRunner runner in _outputs.AsSpan(0, opened))
            {
                runner.Running.Dispose();
            }

            throw;
        }

        Directories = [.. circuit.Pipelines.SelectMany(pipeline => pipeline.DirectoriesIn(options.Places)).Distinct(StringComparer.Ordinal)];
        QueuesWritten = [.. circuit.Pipelines.SelectMany(pipeline => pipeline.QueuesWritten).Distinct(StringComparer.Ordinal)];
        _promises = Watch(circuit, options);
        _bufferBytes = _outputs.Sum(output => output.Running.BufferBytes);
        _attestationsBefore = options.AttestationsOf is { } count ? QueuesWritten.Sum(count) : 0;
    }

    /// <summary>The circuit.</summary>
    public Circuit Circuit { get; }

    /// <summary>Who is charged for it.</summary>
    public string Tenant => _tenant.Name;

    /// <summary>What runs it, for each output in their order.</summary>
    public IReadOnlyList<PipelineRunner> Outputs => _outputs;

    /// <summary>Why an output stands still; null when all go on.</summary>
    public string? Failure => _outputs.Select(output => output.Failure).FirstOrDefault(failure => failure is not null);

    /// <summary>How often an output failed, and was tried again.</summary>
    public long Failures => _outputs.Sum(output => output.Failures);

    /// <summary>Whether nothing is taken since its tenant holds more bytes than it may (<see cref="TenantLimits.StorageBytes"/>).</summary>
    public bool IsHeldUp => _tenant.IsFull;

    /// <summary>What it has used since it was opened. What it holds, and for how long it has, is as it was at the last look.</summary>
    public CircuitUsage Usage
    {
        get
        {
            PipelineUsage used = default;
            foreach (PipelineRunner output in _outputs)
            {
                used += output.Running.Usage;
            }

            Holding holding = Volatile.Read(ref _holding);
            return new CircuitUsage(used.Read + used.Made, used.CpuNanos, _bufferBytes, holding.Bytes, used.BytesRead, used.BytesMade, holding.Proofs, holding.ByteSeconds);
        }
    }

    /// <summary>How the promises of its service level are kept, as of the last look; none where it promises nothing.</summary>
    public IReadOnlyList<ServiceLevelState> ServiceLevels => _promises.States;

    /// <summary>The directories of all that it writes.</summary>
    internal IReadOnlyList<string> Directories { get; }

    /// <summary>The queues that it writes.</summary>
    internal IReadOnlyList<string> QueuesWritten { get; }

    internal Tenant Account => _tenant;

    /// <summary>Begins.</summary>
    /// <exception cref="InvalidOperationException">It has begun before.</exception>
    public void Start() => Array.ForEach(_outputs, static output => output.Start());

    internal Task StopAsync() => Task.WhenAll(_outputs.Select(output => output.StopAsync()));

    internal async ValueTask DisposeAsync()
    {
        foreach (PipelineRunner output in _outputs)
        {
            await output.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Takes what was found at a look.</summary>
    /// <param name="bytes">What it holds now.</param>
    /// <param name="attestations">The attestations of its queues there are.</param>
    /// <param name="seconds">How long it held what it held at the look before.</param>
    internal void Take(long bytes, long attestations, double seconds)
    {
        Holding before = _holding;
        Volatile.Write(ref _holding, new Holding(bytes, before.ByteSeconds + (long)(before.Bytes * seconds), Math.Max(before.Proofs, attestations - _attestationsBefore)));
    }

    /// <summary>Looks whether it does what it promises, and tells where that has changed.</summary>
    internal void LookAtPromises(CircuitRuntimeOptions options)
    {
        try
        {
            foreach (ServiceLevelState changed in _promises.Look(options.Clock))
            {
                options.Alerted?.Invoke(this, changed);
            }
        }
        catch (EstreamException)
        {
            // A queue that cannot be looked at says so where it is read and written.
        }
    }

    private ServiceLevelWatch Watch(Circuit circuit, CircuitRuntimeOptions options)
    {
        List<WatchedOutput> watched = [];
        if (circuit.ServiceLevel is { } level)
        {
            foreach (PipelineRunner output in _outputs)
            {
                EsfPipeline results = output.Running.Results;
                results.Latency = level.Latency is { } limit ? new LatencyMeter(options.Clock, limit) : null;
                watched.Add(new WatchedOutput(circuit.Outputs[watched.Count].Name, results, options.Places.Queue(output.Running.Declaration.Source), results.Latency));
            }
        }

        return new ServiceLevelWatch(circuit.ServiceLevel, watched, [.. circuit.Outputs.Select(output => output.Queue).OfType<string>().Distinct(StringComparer.Ordinal).Select(options.Places.Queue)]);
    }

    private sealed record Holding(long Bytes, long ByteSeconds, long Proofs);
}
