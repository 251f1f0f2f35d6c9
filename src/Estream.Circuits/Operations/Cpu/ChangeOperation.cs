using Estream.Esf;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>What changes entries of a map, of which the queue that keeps its changes, if there is one, takes only so long ones.</summary>
internal abstract class ChangeOperation(CircuitOperation operation, OperationMap map) : CpuOperation(operation)
{
    protected OperationMap Map { get; } = map;

    protected sealed override OperationStatus Do(ReadOnlySpan<byte> request, ref EsfMessageBuilder result)
    {
        try
        {
            return Change(request, ref result);
        }
        catch (ArgumentException)
        {
            // All else was looked at before: the queue that keeps the changes of the map takes no message as long as this change.
            return OperationStatus.TooLong;
        }
    }

    /// <summary>Looks whether the request can be done, and does it.</summary>
    /// <param name="request">The request, checked.</param>
    /// <param name="result">Gets everything but the status.</param>
    protected abstract OperationStatus Change(ReadOnlySpan<byte> request, ref EsfMessageBuilder result);
}
