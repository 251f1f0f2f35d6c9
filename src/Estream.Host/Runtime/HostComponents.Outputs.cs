using Estream.Circuits.Operations;
using Estream.Core;
using Estream.Host.Http;
using Estream.Host.Remote;
using Estream.Map;
using Estream.Streams;
using Estream.Streams.Pipelines;

namespace Estream.Host.Runtime;

/// <content>The maps that pipelines and circuits write: the console and clients read them.</content>
internal sealed partial class HostComponents
{
    private readonly Dictionary<string, (MapView View, MapOverview Overview, LatestMessages Latest)> _outputs =
        new(StringComparer.Ordinal);

    /// <summary>The maps that pipelines and circuits write, with the number of their entries.</summary>
    public IEnumerable<MapOverview> Outputs =>
        _outputs.Values.Select(output => output.Overview with { Entries = output.View.Count });

    /// <summary>Counts the entries of the maps that clients, pipelines and circuits write.</summary>
    public IEnumerable<(string Map, Func<double> Count)> WrittenMapCounts => _outputs.Keys.Concat(_byteMaps.Keys).Select(name =>
    {
        IMapView view = ViewOf(name)!;
        return (name, (Func<double>)(() => view.Count));
    });

    // The maps of clients, and those that the operations of circuits work on.
    private readonly Dictionary<string, ByteMapView> _byteMaps = new(StringComparer.Ordinal);

    // The operations of circuits close their maps before the gate of the host closes.
    private readonly ReadGate _operationMaps;

    /// <summary>The names of all maps, except copies of replicas.</summary>
    public IReadOnlyCollection<string> MapNames => [.. _maps.Keys, .. _outputs.Keys, .. _byteMaps.Keys];

    /// <summary>Finds a map; null if there is none.</summary>
    public IMapView? ViewOf(string map) => _maps.TryGetValue(map, out MapRuntime? fold) ? fold.View
        : _outputs.TryGetValue(map, out var output) ? output.View
        : _byteMaps.GetValueOrDefault(map);

    private void ShowClientMaps(IClock clock)
    {
        foreach ((string name, KeyValueMap map) in (Remote?.Maps ?? new Dictionary<string, IRemoteMap>())
            .Select(one => (one.Key, (one.Value as KeyValueMap)!)).Where(one => one.Item2 is not null))
        {
            _byteMaps.Add(name, ByteMapView.Of(map, _json, Gate, clock));
        }
    }

    // Called while circuits open.
    private OperationResources ShowOperation(CircuitOperation operation, IClock clock)
    {
        OperationResources resources = _operations!.Of(operation);
        string circuit = _plan.Circuits.Values.FirstOrDefault(plan => plan.Circuit.Operation == operation)?.Circuit.Name ?? "";
        foreach ((string name, OperationMap map) in resources.Maps)
        {
            if (map.Versioned is { } versioned && !_byteMaps.ContainsKey(name))
            {
                _byteMaps.Add(name, ByteMapView.Of(versioned, circuit, _json, _operationMaps, clock));
            }
        }

        return resources;
    }

    // Called after all pipelines and circuits are open, and before clients connect.
    private void PublishOutputs(IClock clock)
    {
        foreach (DeclaredPipeline pipeline in _plan.AllPipelines)
        {
            if (pipeline.OutputMap is { } name && _resources!.Outputs.TryGetValue(name, out StateMap<Utf8Key64, LatestEntry>? map)
                && _queues.TryGetValue(pipeline.Source, out QueueRuntime? source))
            {
                bool isOfCircuit = !_plan.Pipelines.ContainsKey(pipeline.Name);
                MapTraits traits = new(isOfCircuit ? "circuit" : "pipeline", pipeline.Name, pipeline.ResultSchema.QualifiedName, "",
                    $"The {(isOfCircuit ? "circuit" : "pipeline")} {pipeline.Name} writes the map. Append to queue {pipeline.Source} to "
                    + "change the map.");
                _outputs[name] = (new MapView(map, source.Queue, _json, Gate, clock) { Traits = traits },
                    new MapOverview(name, pipeline.Source, pipeline.ResultSchema.QualifiedName, "", 0, 0),
                    new LatestMessages(map, source.Queue, pipeline.ResultSchema));
                Remote?.AddOutput(name, map, source.Queue);
            }
        }
    }
}
