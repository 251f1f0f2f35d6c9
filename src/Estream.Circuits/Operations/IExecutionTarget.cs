namespace Estream.Circuits.Operations;

/// <summary>
/// What runs operations: <see cref="CpuTarget"/>, or a card. Whatever runs them, the same requests over the same queues and maps give the
/// same results and leave the same behind: the golden vectors of the built-in circuits say so for each. Thread-safe.
/// </summary>
public interface IExecutionTarget
{
    /// <summary>Its name, for people.</summary>
    string Name { get; }

    /// <summary>Whether it runs an operation; one that it does not run is opened on another target.</summary>
    /// <param name="kind">The operation.</param>
    bool CanRun(OperationKind kind);

    /// <summary>Opens an operation over its queues and maps.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="resources">Where it finds what it names.</param>
    /// <exception cref="ArgumentException">Something it names is not there.</exception>
    /// <exception cref="NotSupportedException">The target does not run it.</exception>
    /// <exception cref="Core.EstreamException">What it needs is in use, damaged or not to be had.</exception>
    IExecutableOperation Open(CircuitOperation operation, OperationResources resources);
}
