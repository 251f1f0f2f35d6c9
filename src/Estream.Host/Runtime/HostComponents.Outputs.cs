using Estream.Core;
using Estream.Host.Http;
using Estream.Map;
using Estream.Streams;
using Estream.Streams.Pipelines;

namespace Estream.Host.Runtime;

/// <content>The maps that pipelines and circuits write: the console and clients read them.</content>
internal sealed partial class HostComponents
{
    private readonly Dictionary<string, (MapView View, MapOverview Overview, StateMap<Utf8Key64, LatestEntry> Map)> _outputs =
        new(StringComparer.Ordinal);

    /// <summary>The maps that pipelines and circuits write, with the number of their entries.</summary>
    public IEnumerable<MapOverview> Outputs =>
        _outputs.Values.Select(output => output.Overview with { Entries = output.Map.Count });

    /// <summary>Counts the entries of the maps that pipelines and circuits write.</summary>
    public IEnumerable<(string Map, Func<double> Count)> OutputCounts =>
        _outputs.Select(output => (output.Key, (Func<double>)(() => output.Value.Map.Count)));

    /// <summary>Finds a map that follows a queue, or that a pipeline or circuit writes; null if there is none.</summary>
    public IMapView? ViewOf(string map) => _maps.TryGetValue(map, out MapRuntime? fold) ? fold.View
        : _outputs.TryGetValue(map, out var output) ? output.View
        : null;

    // Called after all pipelines and circuits are open, and before clients connect.
    private void PublishOutputs(IClock clock)
    {
        foreach (DeclaredPipeline pipeline in _plan.AllPipelines)
        {
            if (pipeline.OutputMap is { } name && _resources!.Outputs.TryGetValue(name, out StateMap<Utf8Key64, LatestEntry>? map)
                && _queues.TryGetValue(pipeline.Source, out QueueRuntime? source))
            {
                _outputs[name] = (new MapView(map, source.Queue, _json, Gate, clock),
                    new MapOverview(name, pipeline.Source, pipeline.ResultSchema.QualifiedName, "", 0, 0), map);
                Remote?.AddOutput(name, map, source.Queue);
            }
        }
    }
}
