using Estream.Circuits.Metering;
using Estream.Core;
using Estream.Esf;
using Estream.Streams;

namespace Estream.Circuits.Operations;

/// <summary>
/// An open circuit of an operation over its queue or map: it turns requests into results by call. Its usage is metered, and charged to its
/// tenant if a <see cref="CircuitRuntime"/> opened it. One thread at a time may run requests; any thread may read <see cref="Usage"/> and
/// dispose it.
/// </summary>
public sealed class OperationCircuit : IDisposable
{
    // Reading the processor time of a thread costs several times as much as an append, so calls with fewer requests are sampled.
    private const int RequestsOfSample = 64;

    // Held while requests run, so that the operation is not disposed meanwhile and operations on the same map exclude one another.
    private readonly Lock _running;
    private readonly IExecutableOperation _opened;
    private readonly Tenant _tenant;
    private readonly TenantRateLimiter? _pace;
    private readonly Action<OperationCircuit>? _ended;
    private readonly MessageBatch _one = new();
    private readonly MessageBatch _oneResult = new();
    private PipelineUsage _used;
    private int _unmeasured = RequestsOfSample;
    private bool _isDisposed;

    private OperationCircuit(Circuit circuit, CircuitOperation operation, OperationResources resources, IExecutionTarget target,
        Tenant tenant,
        IClock clock, Action<OperationCircuit>? ended)
    {
        Circuit = circuit;
        Operation = operation;
        Target = target.Name;
        _tenant = tenant;
        _ended = ended;
        _pace = tenant.HasLimits ? new TenantRateLimiter(tenant, clock, operation.IsStoring) : null;
        resources.Require(operation);
        _running = resources.GateOf(operation);
        StorageAccount = new AccountedStorage(tenant, [.. resources.DirectoriesOf(operation)],
            operation.QueueWritten is string written ? [written] : []);
        _opened = target.Open(operation, resources);
    }

    /// <summary>The circuit.</summary>
    public Circuit Circuit { get; }

    /// <summary>The operation.</summary>
    public CircuitOperation Operation { get; }

    /// <summary>The name of the target that runs the operation.</summary>
    public string Target { get; }

    /// <summary>The name of the tenant that is charged for the operation.</summary>
    public string Tenant => _tenant.Name;

    /// <summary>
    /// The usage of the operation since it was opened. Requests and results count as operations, and their bytes as ingress and egress.
    /// Processor time is measured for at least one of 64 requests and charged for all. The
    /// batches belong to the caller and do not count as memory. Replicas and data that is only read do not count as storage. Storage is as
    /// last measured by the <see cref="CircuitRuntime"/>, and 0 without one.
    /// </summary>
    public CircuitUsage Usage
    {
        get
        {
            StorageUsage holding = StorageAccount.Now;
            PipelineUsage used = UsedNow();
            return new CircuitUsage(used.Read + used.Written, used.CpuNanos, 0, holding.Bytes, used.BytesRead, used.BytesWritten,
                holding.Proofs, holding.ByteSeconds);
        }
    }

    /// <summary>The account of the data that the operation stores on disk.</summary>
    internal AccountedStorage StorageAccount { get; }

    /// <summary>Opens a circuit of an operation without charging a tenant.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="resources">Provides the queue or map of the operation. The owner of the queue or map disposes it, after the
    /// operation.</param>
    /// <param name="target">The target that runs the operation; the CPU when omitted.</param>
    /// <exception cref="ArgumentException">The circuit is not an operation, or names a resource that does not exist.</exception>
    /// <exception cref="NotSupportedException">The target does not run this operation.</exception>
    /// <exception cref="EstreamException">A resource is in use, damaged or unavailable.</exception>
    public static OperationCircuit Open(Circuit circuit, OperationResources resources, IExecutionTarget? target = null) =>
        Open(circuit, resources, target, new Tenant(CircuitRuntime.DefaultTenant, new TenantLimits()), SystemClock.Instance, null);

    /// <summary>Opens a circuit of an operation that is charged to a tenant.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="resources">Provides the queue or map of the operation.</param>
    /// <param name="target">The target that runs the operation; the CPU when omitted.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="clock">The clock by which the limits of the tenant are measured.</param>
    /// <param name="ended">Called once after disposal, when the usage is final.</param>
    internal static OperationCircuit Open(Circuit circuit, OperationResources resources, IExecutionTarget? target, Tenant tenant,
        IClock clock,
        Action<OperationCircuit>? ended)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        ArgumentNullException.ThrowIfNull(resources);
        target ??= CpuTarget.Instance;
        CircuitOperation operation = circuit is { IsCallable: true, Operation: { } only }
            ? only
            : throw new ArgumentException(
                $"{circuit} is not an operation alone, so it cannot be called. Run it with "
                + $"{nameof(CircuitRuntime)}.{nameof(CircuitRuntime.Run)}.", nameof(circuit));
        return target.CanRun(operation.Kind)
            ? new OperationCircuit(circuit, operation, resources, target, tenant, clock, ended)
            : throw NotRun(target, operation);
    }

    internal static NotSupportedException NotRun(IExecutionTarget target, CircuitOperation operation) =>
        new($"The target '{target.Name}' does not run '{operation}'. Open it on another target; {nameof(CpuTarget)} runs all.");

    /// <summary>Executes requests in order.</summary>
    /// <param name="requests">The requests, messages of <see cref="CircuitOperation.Request"/>; other bytes get the status
    /// <see cref="OperationStatus.Invalid"/>.</param>
    /// <param name="results">Cleared first; receives a result for each request, in order, as messages of
    /// <see cref="CircuitOperation.Result"/>.</param>
    /// <param name="cancellation">Cancels the wait that the limits of the tenant impose after the batch. The batch is already
    /// executed then.</param>
    /// <remarks>
    /// Does not allocate for appends, puts, gets, removes and exchanges. After an exception there is a result for each request that was
    /// executed. The wait also ends when the operation or its runtime is disposed. Operations that only read, remove or reclaim data wait
    /// for rate limits only, not for the storage limit.
    /// </remarks>
    /// <exception cref="ArgumentException">Requests and results are the same batch.</exception>
    /// <exception cref="EstreamException">The storage failed or is damaged, or a replica does not match its source.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled. All requests are executed and their results are
    /// complete.</exception>
    /// <exception cref="ObjectDisposedException">The operation is disposed.</exception>
    public void Run(MessageBatch requests, MessageBatch results, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ArgumentNullException.ThrowIfNull(results);
        if (ReferenceEquals(requests, results))
        {
            throw new ArgumentException("Requests and results are the same batch. Use a separate batch for the results.",
                nameof(results));
        }

        lock (_running)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            results.Clear();
            bool isMeasured = _unmeasured + requests.Count > RequestsOfSample;
            long begin = isMeasured ? ThreadCpuClock.Nanos : 0;
            try
            {
                _opened.Run(requests, results);
            }
            finally
            {
                int done = results.Count;
                Count(done, done == 0 ? 0 : requests.Ends[done - 1], results.Length, isMeasured ? ThreadCpuClock.Nanos - begin : -1);
            }
        }

        // Outside the lock, so that disposal can end the wait.
        _pace?.Keep(UsedNow(), cancellation);
    }

    // Only the thread that runs requests writes the usage. Any thread reads it, each number by itself.
    private void Count(int done, long taken, long made, long cpuNanos)
    {
        ref PipelineUsage used = ref _used;
        long cpu = used.CpuNanos;
        if (cpuNanos < 0)
        {
            _unmeasured += done;
        }
        else
        {
            // The requests since the last sample are charged like those of this one. The first sample stands for itself.
            long others = cpu == 0 || done == 0 ? 0 : _unmeasured;
            cpu += cpuNanos + (others == 0 ? 0 : cpuNanos * others / done);
            _unmeasured = 0;
        }

        used = new PipelineUsage(used.Read + done, used.BytesRead + taken, used.Written + done, used.BytesWritten + made, cpu);
    }

    private PipelineUsage UsedNow() => _used;

    /// <summary>Executes one request. A batch costs less for each request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellation">Cancels the wait after the request. The request is already executed then and its result is lost; use a
    /// batch to keep the result.</param>
    /// <returns>The result; valid until the next call.</returns>
    /// <inheritdoc cref="Run(MessageBatch, MessageBatch, CancellationToken)" path="/exception"/>
    public ReadOnlySpan<byte> Run(ReadOnlySpan<byte> request, CancellationToken cancellation = default)
    {
        _one.Clear();
        _one.Append(request);
        Run(_one, _oneResult, cancellation);
        return _oneResult[0];
    }

    /// <summary>Closes the operation after the requests in progress, and ends their wait for limits. Queues and maps stay open; they belong
    /// to their owner. Idempotent; callable from any thread.</summary>
    public void Dispose()
    {
        _pace?.End();
        lock (_running)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        // No request is in progress and no new request can start.
        try
        {
            _opened.Dispose();
        }
        finally
        {
            _ended?.Invoke(this);
        }
    }
}
