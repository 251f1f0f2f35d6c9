using Estream.Circuits.Metering;
using Estream.Circuits.Observing;
using Estream.Circuits.Operations;
using Estream.Circuits.Running;
using Estream.Circuits.Triggers;
using Estream.Streams.Pipelines;

namespace Estream.Circuits;

/// <summary>
/// Runs circuits on threads of their own, one for each output and one for all timers. What fails in one is tried again and stops no other;
/// what each uses is metered, and charged to its tenant, who may be limited. Thread-safe.
/// </summary>
public sealed class CircuitRuntime : IAsyncDisposable
{
    /// <summary>The tenant of a circuit of which nothing else is said.</summary>
    public const string DefaultTenant = "default";

    private readonly Lock _lock = new();
    private readonly CircuitRuntimeOptions _options;
    private readonly Dictionary<string, Tenant> _tenants = new(StringComparer.Ordinal);
    private readonly List<RunningCircuit> _circuits = [];
    private readonly List<OperationCircuit> _operations = [];

    // What operations have used that are disposed: they themselves are let go.
    private readonly Dictionary<UsageKey, CircuitUsage> _ended = [];
    private readonly UsageBook _usage;
    private readonly StorageMeter _holding;
    private readonly TimerLoop _timers;
    private readonly TraceBudgetLoop _traceBudget;
    private bool _isDisposed;

    /// <summary>Prepares it; nothing runs yet.</summary>
    /// <param name="options">With what.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="Core.EstreamException">Usage cannot be kept where the options say: another runtime keeps its there, what is there
    /// is damaged or of a newer release, or the storage refuses.</exception>
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

    /// <summary>The circuits it runs, in the order they came.</summary>
    public IReadOnlyList<RunningCircuit> Circuits => Snapshot();

    /// <summary>Opens a circuit and runs it.</summary>
    /// <inheritdoc cref="Open"/>
    public RunningCircuit Run(Circuit circuit, string tenant = DefaultTenant)
    {
        RunningCircuit running = Open(circuit, tenant);
        running.Start();
        return running;
    }

    /// <summary>Opens a circuit; it runs from its <see cref="RunningCircuit.Start"/> on, where it was.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="tenant">Who is charged for it.</param>
    /// <exception cref="ArgumentException">Usage is kept, and this tenant is one too many or has too long a name; a node of it is bound to
    /// code that was not given (<see cref="Circuit.Bind(IReadOnlyDictionary{string, CircuitFunction})"/>), it asks for approvals that it
    /// has not (<see cref="CircuitApproval"/>), a message would not fit in a queue it writes, or it is an operation
    /// (<see cref="OpenOperation"/>).</exception>
    /// <exception cref="Core.EstreamException">Something it names is not there, in use, or not what the circuit has made.</exception>
    /// <exception cref="ObjectDisposedException">The runtime is disposed.</exception>
    public RunningCircuit Open(Circuit circuit, string tenant = DefaultTenant)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        ArgumentException.ThrowIfNullOrEmpty(tenant);
        if (circuit.Operation is not null)
        {
            throw new ArgumentException(
                $"{circuit} is an operation, which is done by call and reads no queue: open it with {nameof(OpenOperation)}.",
                nameof(circuit));
        }

        string[] unbound = [.. circuit.Nodes.Where(node => !node.CanRun).Select(node => node.Id)];
        if (unbound.Length > 0)
        {
            throw new ArgumentException($"{circuit} does not say what its nodes {string.Join(", ", unbound)} do: bind them to code first.",
                nameof(circuit));
        }

        string[] unresolved = [.. circuit.Inputs.Where(input => input.IsUnresolved).Select(input => $"'{input.Name}' ({input.Address})")];
        if (unresolved.Length > 0)
        {
            throw new ArgumentException(
                $"{circuit} reads by address, and it was not looked up what lies there for its inputs {string.Join(", ", unresolved)}: "
                + $"give it a directory first ({nameof(Circuit.Resolve)}).", nameof(circuit));
        }

        RequireApprovals(circuit);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _usage.Check(tenant);

            // What two circuits of one name have used was kept together: it counts for the first of them.
            bool isFirst = !_circuits.Any(other => other.Tenant == tenant && other.Circuit.Name == circuit.Name);
            CircuitUsage before = isFirst ? _usage.Before(new UsageKey(tenant, circuit.Name)) : default;
            RunningCircuit running = new(circuit, TenantOf(tenant), _options, before, _timers.Begin, _traceBudget.Begin);
            _usage.Admit(tenant);
            _circuits.Add(running);
            _holding.Join(running.StorageAccount);
            return running;
        }
    }

    /// <summary>Opens a circuit of an operation, which is done by call and charged like circuits that run.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="resources">Where it finds its queue or map.</param>
    /// <param name="target">What runs it; the processor when omitted.</param>
    /// <param name="tenant">Who is charged for it.</param>
    /// <returns>The operation. It ends with the runtime, if it is not disposed before; what it has used counts for its tenant as long as
    /// the runtime is there.</returns>
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

    /// <summary>
    /// What all circuits of a tenant have used together, since they were opened; where usage is kept
    /// (<see cref="CircuitRuntimeOptions.UsageDirectory"/>), since it is, those that are not there any more among them.
    /// </summary>
    /// <param name="tenant">The tenant; one without circuits has used nothing.</param>
    public CircuitUsage UsageOf(string tenant) => UsedNow(tenant).Aggregate(_usage.BeforeOf(tenant), (sum, one) => sum + one.Value);

    /// <summary>For how long the circuits of a tenant were held back by its limits, all threads together.</summary>
    /// <param name="tenant">The tenant.</param>
    public TimeSpan ThrottledTimeOf(string tenant)
    {
        lock (_lock)
        {
            return _tenants.TryGetValue(tenant, out Tenant? found) ? TimeSpan.FromMicroseconds(found.WaitedNanos / 1_000.0) : TimeSpan.Zero;
        }
    }

    /// <summary>Looks now how much circuits hold, whether a tenant holds more than it may, and whether circuits keep their promises, and
    /// writes usage down where it is kept: what is done each <see cref="CircuitRuntimeOptions.SampleEvery"/>.</summary>
    public void Sample() => _holding.Sample();

    /// <summary>Writes now the ticks that are due, by <see cref="CircuitRuntimeOptions.Clock"/>: what a thread does by itself as long as
    /// circuits with timers run, and a test at the moment it wants.</summary>
    public void RunTimers() => _ = _timers.RunDue();

    /// <summary>Takes now what was traced, deals the budget out, and ends what was asked for some time: what a thread does by itself as
    /// long as something is traced, and a test at the moment it wants.</summary>
    public void CollectTraces() => _ = _traceBudget.DealBudget();

    /// <summary>Stops all circuits behind what they are doing: what they have read is permanent then. Idempotent.</summary>
    public Task StopAsync() => Task.WhenAll(Snapshot().Select(circuit => circuit.StopAsync()));

    /// <summary>Stops all circuits, ends all operations and gives everything back, the rest also where something fails; the first failure
    /// is thrown then. Idempotent.</summary>
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
            // Before anything is closed: what was held up to now counts too.
            yield return OrderedDisposal.Of(_holding.Measure);
        }

        foreach (RunningCircuit circuit in Snapshot())
        {
            yield return circuit.DisposeAsync;
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

    // What circuits and operations have used since they were opened, all or those of a tenant.
    private KeyValuePair<UsageKey, CircuitUsage>[] UsedNow(string? tenant = null)
    {
        RunningCircuit[] circuits;
        OperationCircuit[] operations;
        KeyValuePair<UsageKey, CircuitUsage>[] ended;

        // At one moment: an operation that ends meanwhile is in one of the two, and says itself what it has used.
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

    // It is disposed: what it has used stays, and nothing else of it.
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
        if (CircuitApproval.Missing(circuit, _options.Approvers) is { } missing)
        {
            throw new ArgumentException($"{missing}.", nameof(circuit));
        }
    }

    private Tenant TenantOf(string name)
    {
        if (!_tenants.TryGetValue(name, out Tenant? tenant))
        {
            _tenants.Add(name, tenant = new Tenant(name, _options.Tenants.GetValueOrDefault(name) ?? new TenantLimits()));
        }

        return tenant;
    }
}
