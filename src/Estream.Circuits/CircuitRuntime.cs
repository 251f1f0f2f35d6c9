using Estream.Circuits.Metering;
using Estream.Circuits.Observing;
using Estream.Circuits.Operations;
using Estream.Circuits.Operations.Replication;
using Estream.Circuits.Running;
using Estream.Circuits.Triggers;
using Estream.Queue;
using Estream.Streams.Pipelines;

namespace Estream.Circuits;

/// <summary>
/// Runs circuits on dedicated threads: one for each output and one for all timers. A failure in one circuit is retried and stops no other
/// circuit. The usage of each circuit is metered and charged to its tenant, which may have limits. Thread-safe.
/// </summary>
public sealed class CircuitRuntime : IAsyncDisposable
{
    /// <summary>The tenant that is charged when no tenant is named.</summary>
    public const string DefaultTenant = "default";

    private readonly Lock _lock = new();
    private readonly CircuitRuntimeOptions _options;
    private readonly Dictionary<string, Tenant> _tenants = new(StringComparer.Ordinal);
    private readonly List<RunningCircuit> _circuits = [];
    private readonly List<OperationCircuit> _operations = [];
    private readonly List<RunningReplica> _replicas = [];

    // The usage of disposed operations. The operations themselves are released.
    private readonly Dictionary<UsageKey, CircuitUsage> _ended = [];
    private readonly UsageBook _usage;
    private readonly StorageMeter _holding;
    private readonly TimerLoop _timers;
    private readonly TraceBudgetLoop _traceBudget;
    private bool _isDisposed;

    /// <summary>Creates the runtime. Nothing runs yet.</summary>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="Core.EstreamException">Usage cannot be kept in <see cref="CircuitRuntimeOptions.UsageDirectory"/>: another runtime
    /// uses the directory, its usage file is damaged or of a newer release, or the storage failed.</exception>
    public CircuitRuntime(CircuitRuntimeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _usage = new UsageBook(options);
        _holding = new StorageMeter(options, PollCircuits, reason => _ = OwnerCallbacks.Notify(() => options.UsageFailed?.Invoke(reason)));
        _timers = new TimerLoop(Snapshot);
        _traceBudget = new TraceBudgetLoop(options.Observation, options.Clock,
            () => Snapshot().SelectMany(circuit => circuit.Observations));
    }

    /// <summary>The running circuits, in the order in which they were opened.</summary>
    public IReadOnlyList<RunningCircuit> Circuits => Snapshot();

    /// <summary>Opens a circuit and starts it.</summary>
    /// <inheritdoc cref="Open"/>
    public RunningCircuit Run(Circuit circuit, string tenant = DefaultTenant)
    {
        RunningCircuit running = Open(circuit, tenant);
        running.Start();
        return running;
    }

    /// <summary>Opens a circuit. It starts with <see cref="RunningCircuit.Start"/> and resumes at its last position.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="tenant">The tenant that is charged for the circuit.</param>
    /// <exception cref="ArgumentException">Usage is kept and the tenant exceeds the maximum number of tenants or has too long a name; a
    /// node is bound to code that was not supplied (<see cref="Circuit.Bind(IReadOnlyDictionary{string, CircuitFunction})"/>); required
    /// approvals are missing (<see cref="CircuitApproval"/>); a message would not fit into a queue the circuit writes; or a queue or map of
    /// its operation does not exist (<see cref="CircuitRuntimeOptions.Operations"/>).</exception>
    /// <exception cref="Core.EstreamException">A resource the circuit names is missing, in use, or was not created by this
    /// circuit.</exception>
    /// <exception cref="ObjectDisposedException">The runtime is disposed.</exception>
    public RunningCircuit Open(Circuit circuit, string tenant = DefaultTenant)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        ArgumentException.ThrowIfNullOrEmpty(tenant);
        string[] operated = [];
        if (circuit.Operation is { } operation)
        {
            OperationResources resources = ResourcesOf(operation);
            circuit = TriggeredOperation.Bind(circuit, resources, CpuTarget.Instance);
            operated = [.. resources.DirectoriesOf(operation)];
        }

        string[] unbound = [.. circuit.Nodes.Where(node => !node.CanRun).Select(node => node.Id)];
        if (unbound.Length > 0)
        {
            throw new ArgumentException($"{circuit} has nodes without code: {string.Join(", ", unbound)}. Bind them to code first.",
                nameof(circuit));
        }

        string[] unresolved = [.. circuit.Inputs.Where(input => input.IsUnresolved).Select(input => $"'{input.Name}' ({input.Address})")];
        if (unresolved.Length > 0)
        {
            throw new ArgumentException(
                $"{circuit} has inputs with unresolved addresses: {string.Join(", ", unresolved)}. "
                + $"Resolve them with a directory first ({nameof(Circuit.Resolve)}).", nameof(circuit));
        }

        RequireApprovals(circuit);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _usage.Check(tenant);

            // The usage file keeps one record for all circuits of a tenant with the same name. The first of these circuits starts with the
            // usage in the record.
            bool isFirst = !_circuits.Any(other => other.Tenant == tenant && other.Circuit.Name == circuit.Name);
            CircuitUsage before = isFirst ? _usage.Before(new UsageKey(tenant, circuit.Name)) : default;
            RunningCircuit running = new(circuit, TenantOf(tenant), _options, before, operated, _timers.Begin, _traceBudget.Begin);
            _usage.Admit(tenant);
            _circuits.Add(running);
            _holding.Join(running.StorageAccount);
            return running;
        }
    }

    /// <summary>Opens a circuit that is an operation. The operation is executed by call and charged like a running circuit.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="resources">Provides the queue or map of the operation.</param>
    /// <param name="target">The target that executes the operation; the CPU when omitted.</param>
    /// <param name="tenant">The tenant that is charged for the operation.</param>
    /// <returns>The operation. The runtime disposes it at the latest when the runtime itself is disposed. Its usage counts for its tenant
    /// throughout the lifetime of the runtime.</returns>
    /// <inheritdoc cref="OperationCircuit.Open(Circuit, OperationResources, IExecutionTarget?)" path="/exception"/>
    /// <exception cref="ObjectDisposedException">The runtime is disposed.</exception>
    public OperationCircuit OpenOperation(Circuit circuit, OperationResources resources, IExecutionTarget? target = null,
        string tenant = DefaultTenant)
    {
        ArgumentException.ThrowIfNullOrEmpty(tenant);
        RequireApprovals(circuit);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _usage.Check(tenant);
            OperationCircuit opened = OperationCircuit.Open(circuit, resources, target, TenantOf(tenant), _options.Clock, End);
            _usage.Admit(tenant);
            _operations.Add(opened);
            _holding.Join(opened.StorageAccount);
            return opened;
        }
    }

    /// <summary>Keeps a replica of a queue up to date on a dedicated thread, with metering and limits like an operation. A failure is
    /// retried.</summary>
    /// <param name="name">The name of the replica, valid as a name in circuit files.</param>
    /// <param name="queue">The name of the queue in messages.</param>
    /// <param name="source">The queue. Its owner disposes it, after the replica.</param>
    /// <param name="engine">The engine of the replica.</param>
    /// <param name="failed">Called with the reason when the replica cannot continue, once for each change of the reason, on its
    /// thread.</param>
    /// <param name="tenant">The tenant that is charged for the replica.</param>
    /// <returns>The replica. The runtime disposes it at the latest when the runtime itself is disposed.</returns>
    /// <exception cref="ArgumentException">A name is not valid.</exception>
    /// <exception cref="ObjectDisposedException">The runtime is disposed.</exception>
    public RunningReplica RunReplica(string name, string queue, EstreamQueue source, IReplicationEngine engine,
        Action<RunningReplica, string>? failed = null, string tenant = DefaultTenant)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(engine);
        Circuit circuit = ReplicaCircuit.Of(name, queue);
        OperationResources resources = new()
        {
            Queues = new Dictionary<string, EstreamQueue> { [queue] = source },
            Replication = engine,
        };
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            RunningReplica replica = new(name, source, circuit, () => OpenOperation(circuit, resources, tenant: tenant), failed);
            _replicas.Add(replica);
            return replica;
        }
    }

    /// <summary>
    /// Returns the combined usage of all circuits of a tenant since they were opened. If usage is kept
    /// (<see cref="CircuitRuntimeOptions.UsageDirectory"/>), earlier runs are included, as are circuits that no longer exist.
    /// </summary>
    /// <param name="tenant">The tenant. A tenant without circuits has used nothing.</param>
    public CircuitUsage UsageOf(string tenant) => UsedNow(tenant).Aggregate(_usage.BeforeOf(tenant), (sum, one) => sum + one.Value);

    /// <summary>Returns how long the limits of a tenant have delayed its circuits, summed over all threads.</summary>
    /// <param name="tenant">The tenant.</param>
    public TimeSpan ThrottledTimeOf(string tenant)
    {
        lock (_lock)
        {
            return _tenants.TryGetValue(tenant, out Tenant? found) ? TimeSpan.FromMicroseconds(found.WaitedNanos / 1_000.0) : TimeSpan.Zero;
        }
    }

    /// <summary>Measures what circuits store, checks storage limits and service levels, and writes the kept usage, all immediately. The
    /// runtime does the same every <see cref="CircuitRuntimeOptions.SampleEvery"/>.</summary>
    public void Sample() => _holding.Sample();

    /// <summary>Writes the timer ticks that are due by <see cref="CircuitRuntimeOptions.Clock"/>. A thread of the runtime does the same
    /// while circuits with timers run; tests call this method at a chosen moment.</summary>
    public void RunTimers() => _ = _timers.RunDue();

    /// <summary>Collects recorded traces, distributes the trace budget, and ends observation levels whose time is over. A thread of the
    /// runtime does the same while streams are traced; tests call this method at a chosen moment.</summary>
    public void CollectTraces() => _ = _traceBudget.DealBudget();

    /// <summary>Stops all circuits after their current steps. The results of all messages they have read are then committed.
    /// Idempotent.</summary>
    public Task StopAsync() => Task.WhenAll(Snapshot().Select(circuit => circuit.StopAsync()));

    /// <summary>Stops all circuits, ends all operations and releases all resources. A failure does not prevent the remaining steps; the
    /// first failure is thrown at the end. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        await OrderedDisposal.AllAsync(Closings()).ConfigureAwait(false);
    }

    private IEnumerable<Func<ValueTask>> Closings()
    {
        yield return _timers.DisposeAsync;
        yield return _holding.DisposeAsync;
        if (_usage.IsPersisted)
        {
            // Measures before anything is closed, so that the storage held until now is counted.
            yield return OrderedDisposal.Of(_holding.Measure);
        }

        foreach (RunningCircuit circuit in Snapshot())
        {
            yield return circuit.DisposeAsync;
        }

        foreach (RunningReplica replica in Replicas())
        {
            yield return replica.DisposeAsync;
        }

        yield return _traceBudget.DisposeAsync;
        foreach (OperationCircuit operation in Operations())
        {
            yield return OrderedDisposal.Of(operation.Dispose);
        }

        yield return OrderedDisposal.Of(() => _usage.Write(UsedNow(), isLast: true));
        yield return OrderedDisposal.Of(_usage.Dispose);
    }

    private void PollCircuits()
    {
        Array.ForEach(Snapshot(), circuit => circuit.EvaluatePromises(_options));
        if (_usage.IsPersisted)
        {
            _usage.Write(UsedNow());
        }
    }

    // Returns the usage of circuits and operations since they were opened, of one tenant or of all tenants.
    private KeyValuePair<UsageKey, CircuitUsage>[] UsedNow(string? tenant = null)
    {
        RunningCircuit[] circuits;
        OperationCircuit[] operations;
        KeyValuePair<UsageKey, CircuitUsage>[] ended;

        // Copies all three lists under one lock, so that an operation that ends meanwhile appears in exactly one list.
        lock (_lock)
        {
            circuits = [.. _circuits.Where(circuit => tenant is null || circuit.Tenant == tenant)];
            operations = [.. _operations.Where(operation => tenant is null || operation.Tenant == tenant)];
            ended = [.. _ended.Where(one => tenant is null || one.Key.Tenant == tenant)];
        }

        return
        [
            .. ended,
            .. circuits.Select(circuit => KeyValuePair.Create(new UsageKey(circuit.Tenant, circuit.Circuit.Name), circuit.Used)),
            .. operations.Select(operation => KeyValuePair.Create(new UsageKey(operation.Tenant, operation.Circuit.Name), operation.Usage)),
        ];
    }

    // Called by a disposed operation: only its usage is kept.
    private void End(OperationCircuit operation)
    {
        _holding.Leave(operation.StorageAccount);
        UsageKey key = new(operation.Tenant, operation.Circuit.Name);
        lock (_lock)
        {
            if (_operations.Remove(operation))
            {
                _ended[key] = _ended.GetValueOrDefault(key) + operation.Usage;
            }
        }
    }

    private OperationCircuit[] Operations()
    {
        lock (_lock)
        {
            return [.. _operations];
        }
    }

    private RunningReplica[] Replicas()
    {
        lock (_lock)
        {
            return [.. _replicas];
        }
    }

    private RunningCircuit[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _circuits];
        }
    }

    private void RequireApprovals(Circuit circuit)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        if (CircuitApproval.Missing(circuit, _options.Approvers, _options.GovernanceApprovals) is { } missing)
        {
            throw new ArgumentException($"{missing}.", nameof(circuit));
        }
    }

    private OperationResources ResourcesOf(CircuitOperation operation) => _options.Operations is { } resources
        ? resources(operation)
        : throw new ArgumentException(
            $"The circuit runs '{operation}', but the runtime has no queues and maps for operations. Set "
            + $"{nameof(CircuitRuntimeOptions)}.{nameof(CircuitRuntimeOptions.Operations)}.");

    private Tenant TenantOf(string name)
    {
        if (!_tenants.TryGetValue(name, out Tenant? tenant))
        {
            _tenants.Add(name, tenant = new Tenant(name, _options.Tenants.GetValueOrDefault(name) ?? new TenantLimits()));
        }

        return tenant;
    }
}
