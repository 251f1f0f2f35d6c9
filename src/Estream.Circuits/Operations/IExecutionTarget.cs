namespace Estream.Circuits.Operations;

/// <summary>
/// Executes operations: <see cref="CpuTarget"/> or an accelerator card. On every target the same requests over the same queues and maps
/// give the same results and leave the same content; the golden vectors of the built-in circuits verify that. Thread-safe.
/// </summary>
public interface IExecutionTarget
{
    /// <summary>The display name.</summary>
    string Name { get; }

    /// <summary>Whether the target runs an operation. Other operations must be opened on another target.</summary>
    /// <param name="kind">The operation.</param>
    bool CanRun(OperationKind kind);

    /// <summary>Opens an operation over its queues and maps.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="resources">Provides the queues and maps of the operation.</param>
    /// <exception cref="ArgumentException">A queue or map that the operation names is not in the resources.</exception>
    /// <exception cref="NotSupportedException">The target does not run the operation.</exception>
    /// <exception cref="Core.EstreamException">A resource is in use, damaged or unavailable.</exception>
    IExecutableOperation Open(CircuitOperation operation, OperationResources resources);
}
