using Estream.Circuits.Metering;
using Estream.Core;
using Estream.Esf;
using Estream.Streams;

namespace Estream.Circuits.Operations;

/// <summary>
/// A circuit of an operation, open over its queue or map: requests in, results out, by call. What it uses is metered, and charged to its
/// tenant where a <see cref="CircuitRuntime"/> has opened it.
/// One thread at a time runs it; <see cref="Usage"/> may be asked, and it may be disposed, by any.
/// </summary>
public sealed class OperationCircuit : IDisposable
{
    private readonly Lock _lock = new();

    // While requests are done: nothing is taken away under them.
    private readonly Lock _running = new();
    private readonly IExecutableOperation _opened;
    private readonly Tenant _tenant;
    private readonly TenantRateLimiter? _pace;
    private readonly Action<OperationCircuit>? _ended;
    private readonly MessageBatch _one = new();
    private readonly MessageBatch _oneResult = new();
    private PipelineUsage _used;
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
        string? directory = operation.Queue is string queue ? resources.Queue(queue).Directory : resources.Map(operation.Map!).Directory;
        StorageAccount = new AccountedStorage(tenant, directory is null || operation.IsReading ? [] : [directory],
            operation.QueueWritten is string written ? [written] : []);
        _opened = target.Open(operation, resources);
    }

    /// <summary>The circuit.</summary>
    public Circuit Circuit { get; }

    /// <summary>What it does.</summary>
    public CircuitOperation Operation { get; }

    /// <summary>The name of what runs it.</summary>
    public string Target { get; }

    /// <summary>Who is charged for it.</summary>
    public string Tenant => _tenant.Name;

    /// <summary>
    /// What it has used since it was opened. Requests and results count as operations, and their bytes as ingress and egress. The batches
    /// are the caller's, and do not count as memory; what a replica holds elsewhere, and what is only read, does not count as storage. What
    /// is held is as it was at the last look of the <see cref="CircuitRuntime"/>, and nothing without one.
    /// </summary>
    public CircuitUsage Usage
    {
        get
        {
            StorageUsage holding = StorageAccount.Now;
            lock (_lock)
            {
                return new CircuitUsage(_used.Read + _used.Written, _used.CpuNanos, 0, holding.Bytes, _used.BytesRead, _used.BytesWritten,
                    holding.Proofs, holding.ByteSeconds);
            }
        }
    }

    /// <summary>What it holds on disk.</summary>
    internal AccountedStorage StorageAccount { get; }

    /// <summary>Opens a circuit of an operation that is charged to nobody.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="resources">Where it finds its queue or map. They stay their owner's to dispose, after this.</param>
    /// <param name="target">What runs it; the processor when omitted.</param>
    /// <exception cref="ArgumentException">The circuit is no operation, or names what is not there.</exception>
    /// <exception cref="NotSupportedException">The target does not run this operation.</exception>
    /// <exception cref="EstreamException">Something it needs is in use, damaged or not to be had.</exception>
    public static OperationCircuit Open(Circuit circuit, OperationResources resources, IExecutionTarget? target = null) =>
        Open(circuit, resources, target, new Tenant(CircuitRuntime.DefaultTenant, new TenantLimits()), SystemClock.Instance, null);

    /// <summary>Opens one that is charged to a tenant.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="resources">Where it finds its queue or map.</param>
    /// <param name="target">What runs it; the processor when omitted.</param>
    /// <param name="tenant">Who is charged.</param>
    /// <param name="clock">What its limits are measured by.</param>
    /// <param name="ended">Is told, once, that it is disposed: what it has used is complete then.</param>
    internal static OperationCircuit Open(Circuit circuit, OperationResources resources, IExecutionTarget? target, Tenant tenant,
        IClock clock,
        Action<OperationCircuit>? ended)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        ArgumentNullException.ThrowIfNull(resources);
        target ??= CpuTarget.Instance;
        CircuitOperation operation = circuit.Operation
            ?? throw new ArgumentException(
                $"{circuit} is no operation but a graph over streams: run it with {nameof(CircuitRuntime)}.{nameof(CircuitRuntime.Run)}.",
                nameof(circuit));
        return target.CanRun(operation.Kind)
            ? new OperationCircuit(circuit, operation, resources, target, tenant, clock, ended)
            : throw new NotSupportedException(
                $"The target '{target.Name}' does not run '{operation}': open it on another one, as {nameof(CpuTarget)}, which runs all.");
    }

    /// <summary>Does what requests ask for, one behind the other.</summary>
    /// <param name="requests">The requests, messages of <see cref="CircuitOperation.Request"/>; other bytes get the status
    /// <see cref="OperationStatus.Invalid"/>.</param>
    /// <param name="results">Is cleared, and gets a result for each, messages of <see cref="CircuitOperation.Result"/>, in their
    /// order.</param>
    /// <param name="cancellation">Ends the wait behind the batch for which the limits of the tenant hold its circuits back. The batch is
    /// done by then.</param>
    /// <remarks>
    /// Allocates nothing for appends, puts, gets, removes and exchanges. After an exception there is a result for each request that was
    /// done. The wait ends as well when the operation is disposed, or its runtime; who only reads, takes away or gives up waits for rates
    /// alone, and not where its tenant holds more bytes than it may.
    /// </remarks>
    /// <exception cref="ArgumentException">Requests and results are one batch.</exception>
    /// <exception cref="EstreamException">Storage refused, or is damaged; or a replica is none.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled. Everything is done, and told in the results.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public void Run(MessageBatch requests, MessageBatch results, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ArgumentNullException.ThrowIfNull(results);
        if (ReferenceEquals(requests, results))
        {
            throw new ArgumentException("Results would take the place of the requests they are for: give them a batch of their own.",
                nameof(results));
        }

        lock (_running)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            results.Clear();
            long begin = ThreadCpuClock.Nanos;
            try
            {
                _opened.Run(requests, results);
            }
            finally
            {
                int done = results.Count;
                long taken = done == 0 ? 0 : requests.Ends[done - 1];
                lock (_lock)
                {
                    _used += new PipelineUsage(done, taken, done, results.Length, ThreadCpuClock.Nanos - begin);
                }
            }
        }

        // Without the lock: whoever disposes it ends the wait.
        _pace?.Keep(in _used, cancellation);
    }

    /// <summary>Does what one request asks for. A batch costs less for each.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellation">Ends the wait behind it. The request is done by then, and its result is lost: who needs it has a
    /// batch.</param>
    /// <returns>The result; valid until the next call.</returns>
    /// <inheritdoc cref="Run(MessageBatch, MessageBatch, CancellationToken)" path="/exception"/>
    public ReadOnlySpan<byte> Run(ReadOnlySpan<byte> request, CancellationToken cancellation = default)
    {
        _one.Clear();
        _one.Append(request);
        Run(_one, _oneResult, cancellation);
        return _oneResult[0];
    }

    /// <summary>Ends it: behind the requests that are being done, whose wait for limits ends too. Queues and maps stay open, and are their
    /// owner's. Idempotent, and any thread may.</summary>
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

        // From here on no request is being done, and none begins.
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
