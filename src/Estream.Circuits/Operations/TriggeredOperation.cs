using Estream.Core;

namespace Estream.Circuits.Operations;

/// <summary>
/// Executes the operation of a running circuit, once for each request that reaches its node. After a failure of the environment the
/// operation is closed, and opened again for the next attempt: the circuit retries the request with increasing delays. One thread.
/// </summary>
internal sealed class TriggeredOperation : IDisposable
{
    private readonly CircuitOperation _operation;
    private readonly OperationResources _resources;
    private readonly IExecutionTarget _target;
    private readonly Lock _gate;
    private readonly MessageBatch _request = new();
    private readonly MessageBatch _result = new();
    private IExecutableOperation? _opened;

    private TriggeredOperation(CircuitOperation operation, OperationResources resources, IExecutionTarget target)
    {
        (_operation, _resources, _target) = (operation, resources, target);
        _gate = resources.GateOf(operation);
        try
        {
            _opened = target.Open(operation, resources);
        }
        catch (EstreamException)
        {
            // The first request opens the operation again and reports the failure, with retries.
        }
    }

    /// <summary>Returns a circuit whose operation runs over these resources.</summary>
    /// <param name="circuit">A circuit with an operation.</param>
    /// <param name="resources">Provides the queues and maps of the operation.</param>
    /// <param name="target">The target that executes the operation.</param>
    /// <exception cref="ArgumentException">A queue or map of the operation does not exist.</exception>
    /// <exception cref="NotSupportedException">The target does not run the operation.</exception>
    public static Circuit Bind(Circuit circuit, OperationResources resources, IExecutionTarget target)
    {
        CircuitNode node = circuit.OperationNode!;
        CircuitOperation operation = node.Operation!;
        if (!target.CanRun(operation.Kind))
        {
            throw OperationCircuit.NotRun(target, operation);
        }

        resources.Require(operation);
        return circuit.BindOperation(instance =>
        {
            TriggeredOperation opened = instance.Own(new TriggeredOperation(operation, resources, target));
            return new Dictionary<string, CircuitFunction> { [node.Id] = opened.Execute };
        });
    }

    public void Dispose() => Close();

    private void Execute(ref NodeCall call)
    {
        _request.Clear();
        _request.Append(call.Message);
        _result.Clear();
        try
        {
            lock (_gate)
            {
                _opened ??= _target.Open(_operation, _resources);
                _opened.Run(_request, _result);
            }
        }
        catch (EstreamException)
        {
            Close();
            throw;
        }

        ReadOnlySpan<byte> result = _result[0];
        if (!result.TryCopyTo(call.Buffer))
        {
            call.Reject("the result is longer than 'max_bytes' of the circuit");
            return;
        }

        call.Make(result.Length);
    }

    private void Close()
    {
        IExecutableOperation? opened = _opened;
        _opened = null;
        lock (_gate)
        {
            opened?.Dispose();
        }
    }
}
