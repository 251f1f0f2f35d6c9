using Estream.Streams.Pipelines;

namespace Estream.Circuits;

/// <summary>Makes the code of nodes, for one time that a circuit is opened.</summary>
/// <param name="opening">Where it is opened.</param>
/// <returns>The functions by the ids of the nodes.</returns>
public delegate IReadOnlyDictionary<string, CircuitFunction> CircuitCode(CircuitInstance opening);

/// <summary>One time that a circuit is opened, for code that reads more than the message it is given. One thread at a time.</summary>
public sealed class CircuitInstance
{
    private readonly List<IDisposable> _owned;

    internal CircuitInstance(IPipelineResources resources, List<IDisposable> owned)
    {
        Resources = resources;
        _owned = owned;
    }

    /// <summary>Where the circuit finds its queues and maps.</summary>
    public IPipelineResources Resources { get; }

    /// <summary>Has something disposed when the circuit is closed. While the code is made: what is said later is not heard.</summary>
    /// <param name="used">What is used as long as the circuit is open.</param>
    /// <returns>The same.</returns>
    public T Own<T>(T used)
        where T : IDisposable
    {
        _owned.Add(used);
        return used;
    }
}
