using Estream.Circuits.Metering;
using Estream.Circuits.Observing;
using Estream.Circuits.ServiceLevels;
using Estream.Circuits.Triggers;
using Estream.Core;
using Estream.Queue;
using Estream.Streams;
using Estream.Streams.Observing;
using Estream.Streams.Pipelines;

namespace Estream.Circuits;

/// <summary>A circuit that runs on its threads. Thread-safe.</summary>
public sealed class RunningCircuit
{
    private readonly PipelineRunner[] _outputs;
    private readonly Tenant _tenant;
    private readonly Action _beginTimers;
    private readonly CircuitTimer[] _timers;
    private readonly CircuitUsage _before;
    private readonly ServiceLevelWatch _promises;
    private readonly StreamObservation[] _observations;

    /// <param name="circuit">The circuit.</param>
    /// <param name="tenant">The tenant that is charged for the circuit.</param>
    /// <param name="options">The options of the runtime.</param>
    /// <param name="before">The usage of earlier runs.</param>
    /// <param name="operated">The directories of the data that the circuit's operation stores.</param>
    /// <param name="beginTimers">Starts or wakes the thread that runs its timers.</param>
    /// <param name="beginTracing">Starts or wakes the thread that collects its traces.</param>
    internal RunningCircuit(Circuit circuit, Tenant tenant, CircuitRuntimeOptions options, CircuitUsage before,
        IReadOnlyList<string> operated, Action beginTimers, Action beginTracing)
    {
        Circuit = circuit;
        (_tenant, _before, _beginTimers) = (tenant, before, beginTimers);
        CircuitPort[] timed = [.. circuit.Inputs.Where(input => input.Every is not null)];
        _timers = new CircuitTimer[timed.Length];
        _outputs = new PipelineRunner[circuit.Pipelines.Count];
        (int timers, int outputs) = (0, 0);
        try
        {
            // Timers are opened before outputs read the ends of the timers' queues, because opening an appender repairs the queue after a
            // crash of the previous appender.
            while (timers < timed.Length)
            {
                _timers[timers] = OpenTimer(timed[timers], options);
                timers++;
            }

            while (outputs < _outputs.Length)
            {
                _outputs[outputs] = OpenOutput(NameOf(circuit, outputs), circuit.Pipelines[outputs], options);
                outputs++;
            }

            _promises = Watch(circuit, options);
            _observations = [.. Enumerable.Range(0, ResultsOf(circuit)).Select(index => Observe(index, options, beginTracing))];
        }
        catch
        {
            Array.ForEach(_outputs[..outputs], static runner => runner.Running.Dispose());
            Array.ForEach(_timers[..timers], static timer => timer.Dispose());
            throw;
        }

        string[] ticks = [.. timed.Select(input => input.Queue!)];
        StorageAccount = new AccountedStorage(
            tenant,
            [.. circuit.Pipelines.SelectMany(pipeline => pipeline.DirectoriesIn(options.Resources))
                .Concat(ticks.Select(queue => options.Resources.Queue(queue).Directory)).Concat(operated).Distinct(StringComparer.Ordinal)],
            [.. circuit.Pipelines.SelectMany(pipeline => pipeline.QueuesWritten).Concat(ticks)
                .Concat(new[] { circuit.Operation?.QueueWritten }.OfType<string>()).Distinct(StringComparer.Ordinal)]);
    }

    /// <summary>The circuit.</summary>
    public Circuit Circuit { get; }

    /// <summary>The name of the tenant that is charged for the circuit.</summary>
    public string Tenant => _tenant.Name;

    /// <summary>The runners of the circuit's outputs, in the order of the outputs, then those of the records of their executions
    /// (<see cref="Circuit.ExecutionRecords"/>); a single runner if the circuit has a <see cref="Circuit.TransactionLog"/>.</summary>
    public IReadOnlyList<PipelineRunner> Outputs => _outputs;

    /// <summary>Why an output or a timer makes no progress; null if all make progress.</summary>
    public string? Failure => _outputs.Select(output => output.Failure).Concat(_timers.Select(timer => timer.Failure))
        .FirstOrDefault(failure => failure is not null);

    /// <summary>The number of failures of outputs and timers. Each was retried.</summary>
    public long Failures => _outputs.Sum(output => output.Failures) + _timers.Sum(timer => timer.Failures);

    /// <summary>Whether the circuit reads no messages because its tenant exceeds the storage limit
    /// (<see cref="TenantLimits.StorageBytes"/>).</summary>
    public bool IsThrottled => _tenant.IsFull;

    /// <summary>
    /// The usage of the circuit since it was opened. If usage is kept (<see cref="CircuitRuntimeOptions.UsageDirectory"/>), earlier runs of
    /// all its versions are included. Storage values are from the last measurement.
    /// </summary>
    public CircuitUsage Usage => _before + Used;

    /// <summary>The usage of the circuit since it was opened, without earlier runs.</summary>
    internal CircuitUsage Used
    {
        get
        {
            PipelineUsage used = default;
            foreach (PipelineRunner output in _outputs)
            {
                used += output.Running.Usage;
            }

            long ticks = _timers.Sum(timer => timer.Written);
            StorageUsage holding = StorageAccount.Now;
            return new CircuitUsage(used.Read + used.Written + ticks, used.CpuNanos,
                _outputs.Sum(static output => output.Running.BufferBytes),
                holding.Bytes, used.BytesRead, used.BytesWritten + (ticks * TickMessage.Length), holding.Proofs, holding.ByteSeconds);
        }
    }

    /// <summary>The states of the promises of the circuit's service level, as last evaluated; empty if it promises nothing.</summary>
    public IReadOnlyList<ServiceLevelState> ServiceLevels => _promises.States;

    /// <summary>The observations of the circuit's streams, in the order of the outputs.</summary>
    public IReadOnlyList<StreamObservation> Observations => _observations;

    internal Tenant Account => _tenant;

    internal IReadOnlyList<CircuitTimer> Timers => _timers;

    /// <summary>The account of the data that the circuit stores on disk.</summary>
    internal AccountedStorage StorageAccount { get; }

    /// <summary>Starts the circuit.</summary>
    /// <exception cref="InvalidOperationException">The circuit was started before.</exception>
    public void Start()
    {
        Array.ForEach(_outputs, static output => output.Start());
        Array.ForEach(_timers, static timer => timer.Start());
        if (_timers.Length > 0)
        {
            _beginTimers();
        }
    }

    internal Task StopAsync()
    {
        Array.ForEach(_timers, static timer => timer.Stop());
        return Task.WhenAll(_outputs.Select(output => output.StopAsync()));
    }

    internal ValueTask DisposeAsync() =>
        Running.OrderedDisposal.AllAsync(
            [.. _timers.Select(timer => Running.OrderedDisposal.Of(timer.Dispose)),
                .. _outputs.Select(output => (Func<ValueTask>)output.DisposeAsync)]);

    // The number of pipelines that write results: one for each output, or one for all.
    private static int ResultsOf(Circuit circuit) => circuit.TransactionLog is null ? circuit.Outputs.Count : 1;

    private static string NameOf(Circuit circuit, int pipeline) => circuit.TransactionLog is null && pipeline < circuit.Outputs.Count
        ? circuit.Outputs[pipeline].Name
        : circuit.Pipelines[pipeline].Name[(circuit.Name.Length + 1)..];

    private CircuitTimer OpenTimer(CircuitPort input, CircuitRuntimeOptions options) =>
        new(input, options.Resources.Queue(input.Queue!), options.Clock, () => _tenant.IsFull,
        reason => Notify(options, input.Name, reason));

    private PipelineRunner OpenOutput(string output, DeclaredPipeline pipeline, CircuitRuntimeOptions options)
    {
        RunningPipeline running = pipeline.Open(options.Resources, new MessageObserver(options.Clock));
        foreach (EsfPipeline each in running.Rejects.Prepend(running.Results))
        {
            each.IsCpuMetered = true;
        }

        return new PipelineRunner(running, _tenant.HasLimits ? () => new TenantRateLimiter(_tenant, options.Clock) : null)
        {
            Failed = reason => Notify(options, output, reason),
        };
    }

    /// <summary>Evaluates the service level and reports changes.</summary>
    internal void EvaluatePromises(CircuitRuntimeOptions options)
    {
        try
        {
            foreach (ServiceLevelState changed in _promises.Evaluate(options.Clock))
            {
                if (Running.OwnerCallbacks.Notify(() => options.Alerted?.Invoke(this, changed)) is { } thrown)
                {
                    Notify(options, changed.Name,
                        $"the callback for its service level threw {thrown.GetType().Name}: {thrown.Message}");
                }
            }

            bool isBroken = ServiceLevels.Any(level => !level.IsMet);
            Array.ForEach(_observations, observation => observation.Alert(isBroken));
        }
        catch (EstreamException)
        {
            // If a queue cannot be inspected, the outputs and timers that read or write it report the failure.
        }
    }

    // An exception of this callback cannot be reported to anyone; the reason is still visible in Failure.
    private void Notify(CircuitRuntimeOptions options, string place, string reason) =>
        _ = Running.OwnerCallbacks.Notify(() => options.Failed?.Invoke(this, place, reason));

    private ServiceLevelWatch Watch(Circuit circuit, CircuitRuntimeOptions options)
    {
        if (circuit.ServiceLevel is not { } level)
        {
            return ServiceLevelWatch.Empty;
        }

        List<MonitoredOutput> watched = [];
        foreach (PipelineRunner output in _outputs.Take(ResultsOf(circuit)))
        {
            EsfPipeline results = output.Running.Results;
            if (level.Latency is { } limit)
            {
                results.Observer!.Time(limit);
            }

            watched.Add(
                new MonitoredOutput(NameOf(circuit, watched.Count), results,
                options.Resources.Queue(output.Running.Declaration.Source),
                    results.Observer!.Latency));
        }

        return new ServiceLevelWatch(level, watched,
            [.. circuit.Outputs.Select(output => output.Queue).OfType<string>().Distinct(StringComparer.Ordinal)
                .Select(options.Resources.Queue)]);
    }

    private StreamObservation Observe(int index, CircuitRuntimeOptions options, Action beginTracing)
    {
        RunningPipeline running = _outputs[index].Running;
        string[] queues = [.. new[] { running.Declaration.Source, running.Declaration.JoinedQueue }.OfType<string>()];
        string output = NameOf(Circuit, index);
        TraceMaker maker = new(Circuit.Name, output, Running.CircuitPipelines.TerminalNode(Circuit, Circuit.Outputs[index])?.Id ?? output,
            running.Declaration.ElementNames, [.. queues.Select(queue => (queue, options.Resources.Queue(queue).Id))]);
        return new StreamObservation(
            new ObservedOutput(output, Tenant, running.Results.Observer!, maker, Circuit.ServiceLevel?.Latency is not null),
            options.Observation,
            options.Clock, beginTracing);
    }
}
