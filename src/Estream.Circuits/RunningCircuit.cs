using Estream.Circuits.Metering;
using Estream.Streams;
using Estream.Streams.Pipelines;

namespace Estream.Circuits;

/// <summary>A circuit on its threads. Thread-safe.</summary>
public sealed class RunningCircuit
{
    private readonly PipelineRunner[] _outputs;
    private readonly Tenant _tenant;
    private readonly long _bufferBytes;

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

        Held = new HeldStorage(
            tenant,
            [.. circuit.Pipelines.SelectMany(pipeline => pipeline.DirectoriesIn(options.Places)).Distinct(StringComparer.Ordinal)],
            [.. circuit.Pipelines.SelectMany(pipeline => pipeline.QueuesWritten).Distinct(StringComparer.Ordinal)],
            options.AttestationsOf);
        _bufferBytes = _outputs.Sum(output => output.Running.BufferBytes);
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

            Holding holding = Held.Now;
            return new CircuitUsage(used.Read + used.Made, used.CpuNanos, _bufferBytes, holding.Bytes, used.BytesRead, used.BytesMade, holding.Proofs, holding.ByteSeconds);
        }
    }

    internal Tenant Account => _tenant;

    /// <summary>What it holds on disk.</summary>
    internal HeldStorage Held { get; }

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
}
