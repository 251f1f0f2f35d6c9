using Estream.Streams.Pipelines;

namespace Estream.Circuits;

/// <summary>Creates the code of bound nodes each time a circuit is opened.</summary>
/// <param name="opening">The opened instance of the circuit.</param>
/// <returns>The functions by node id.</returns>
public delegate IReadOnlyDictionary<string, CircuitFunction> CircuitCode(CircuitInstance opening);

/// <summary>An opened instance of a circuit, for code that uses more than the message, such as queues and maps. One thread at a
/// time.</summary>
public sealed class CircuitInstance
{
    private readonly List<IDisposable> _owned;

    internal CircuitInstance(IPipelineResources resources, List<IDisposable> owned)
    {
        Resources = resources;
        _owned = owned;
    }

    /// <summary>Provides the queues and maps of the circuit.</summary>
    public IPipelineResources Resources { get; }

    /// <summary>Registers an object to be disposed when the circuit is closed. Only effective while the code is being created.</summary>
    /// <param name="used">An object used while the circuit is open.</param>
    /// <returns>The same object.</returns>
    public T Own<T>(T used)
        where T : IDisposable
    {
        _owned.Add(used);
        return used;
    }
}
