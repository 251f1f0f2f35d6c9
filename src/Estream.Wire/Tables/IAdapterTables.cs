namespace Estream.Wire;

/// <summary>
/// An adapter that shows its present state as tables, such as its clients or sessions. A host serves the tables to operators; no message
/// passes through them.
/// </summary>
/// <remarks>
/// Thread-safe: a host reads tables from any thread while the adapter runs, also before <see cref="IWireAdapter.StartAsync"/> and after the
/// adapter has stopped. A read must not wait for peers or disks, and must not hold a lock that a message needs for longer than it takes to
/// copy one row. A host reads at most four tables at a time, and only while an operator looks at them.
/// </remarks>
public interface IAdapterTables : IWireAdapter
{
    /// <summary>The tables, the most useful first; at most 16. The same list at every call: only the rows of a table change.</summary>
    IReadOnlyList<AdapterTable> Tables { get; }
}
