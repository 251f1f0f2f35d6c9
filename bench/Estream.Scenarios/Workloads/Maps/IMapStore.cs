namespace Estream.Scenarios.Workloads;

/// <summary>
/// A map under test: entry i is there with value i. Implementations are structs, so that the compiler makes a loop of its own for
/// each, with their calls in it.
/// </summary>
internal interface IMapStore : IDisposable
{
    bool TryGet(ulong key, out ulong value);

    void Put(ulong key, ulong value);

    bool CompareExchange(ulong key, ulong expected, ulong replacement);

    /// <summary>All values added up.</summary>
    ulong Sum();
}
