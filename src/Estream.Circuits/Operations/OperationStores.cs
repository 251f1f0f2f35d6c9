using Estream.Core;
using Estream.Circuits.Operations.Replication;
using Estream.Map;
using Estream.Queue;

namespace Estream.Circuits.Operations;

/// <summary>
/// Provides the queues and maps of the operations of running circuits: queues of the caller, and maps with versions that it opens in a
/// directory when an operation first names them. Thread-safe. Dispose it after the operations.
/// </summary>
/// <remarks>A map that an operation <c>map.sync</c> names has a change feed from then on, so create such circuits before others that write
/// the map.</remarks>
public sealed class OperationStores : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Func<string, EstreamQueue> _queueOf;
    private readonly Func<string, string> _directoryOf;
    private readonly IReplicationEngine? _replication;
    private readonly Dictionary<string, string> _feeds;
    private readonly IClock _clock;
    private readonly Dictionary<string, (OperationMap Map, IDisposable[] Owned)> _maps = new(StringComparer.Ordinal);

    /// <summary>Creates the stores. No map is opened yet.</summary>
    /// <param name="queueOf">Returns an open queue by name. It throws an <see cref="ArgumentException"/> or an
    /// <see cref="EstreamException"/> if there is none.</param>
    /// <param name="directoryOf">Returns the directory of a map by name.</param>
    /// <param name="operations">All operations that will run. They decide which maps have a change feed.</param>
    /// <param name="replication">The replication engine; null if no operation replicates.</param>
    /// <param name="clock">The clock by which entries expire; the system clock when omitted.</param>
    /// <exception cref="ArgumentException">Two operations name different change feeds of one map.</exception>
    public OperationStores(Func<string, EstreamQueue> queueOf, Func<string, string> directoryOf, IEnumerable<CircuitOperation> operations,
        IReplicationEngine? replication = null, IClock? clock = null)
    {
        ArgumentNullException.ThrowIfNull(queueOf);
        ArgumentNullException.ThrowIfNull(directoryOf);
        ArgumentNullException.ThrowIfNull(operations);
        (_queueOf, _directoryOf, _replication, _clock) = (queueOf, directoryOf, replication, clock ?? SystemClock.Instance);
        _feeds = FeedsOf(operations);
    }

    /// <summary>Returns the queues and maps of an operation.</summary>
    /// <param name="operation">The operation.</param>
    /// <exception cref="ArgumentException">A queue does not exist.</exception>
    /// <exception cref="EstreamException">A map cannot be opened.</exception>
    public OperationResources Of(CircuitOperation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return new OperationResources
        {
            Queues = new[] { operation.Queue, operation.Feed }.OfType<string>().Distinct(StringComparer.Ordinal)
                .ToDictionary(name => name, _queueOf, StringComparer.Ordinal),
            Maps = operation.Map is string map ? new Dictionary<string, OperationMap> { [map] = MapOf(map) } : [],
            Replication = _replication,
        };
    }

    /// <summary>Closes all maps. Idempotent.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach ((OperationMap _, IDisposable[] owned) in _maps.Values)
            {
                Array.ForEach(owned, one => one.Dispose());
            }

            _maps.Clear();
        }
    }

    private static Dictionary<string, string> FeedsOf(IEnumerable<CircuitOperation> operations)
    {
        Dictionary<string, string> feeds = new(StringComparer.Ordinal);
        foreach (CircuitOperation operation in operations.Where(operation => operation.Feed is not null))
        {
            if (!feeds.TryAdd(operation.Map!, operation.Feed!) && feeds[operation.Map!] != operation.Feed)
            {
                throw new ArgumentException($"The map '{operation.Map}' has two change feeds, '{feeds[operation.Map!]}' and "
                    + $"'{operation.Feed}'. Name the same queue in both circuits.");
            }
        }

        return feeds;
    }

    private OperationMap MapOf(string name)
    {
        lock (_lock)
        {
            if (!_maps.TryGetValue(name, out (OperationMap Map, IDisposable[] Owned) known))
            {
                known = Open(name);
                _maps.Add(name, known);
            }

            return known.Map;
        }
    }

    private (OperationMap Map, IDisposable[] Owned) Open(string name)
    {
        QueueChangeSink? changes = _feeds.TryGetValue(name, out string? feed) ? new QueueChangeSink(_queueOf(feed)) : null;
        try
        {
            VersionedByteMap map = VersionedByteMap.Open(_directoryOf(name), new ByteMapOptions { Clock = _clock, Changes = changes });
            return (OperationMap.Of(map), changes is null ? [map] : [map, changes]);
        }
        catch
        {
            changes?.Dispose();
            throw;
        }
    }
}
