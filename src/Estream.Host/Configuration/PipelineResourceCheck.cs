using Estream.Esf.Schema;
using Estream.Host.Runtime;
using Estream.Streams;
using Estream.Streams.Pipelines;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>Checks that the queues and maps of declared pipelines exist in the host, and that no adapter or map writes the outputs of a
/// pipeline.</summary>
internal sealed class PipelineResourceCheck
{
    private readonly QueueNames _queues;
    private readonly string[] _maps;
    private readonly string[] _clientMaps;
    private readonly string[] _made;
    private readonly Dictionary<string, string> _taken;
    private readonly string[] _transcripts;
    private readonly IReadOnlyList<string> _takenOver;
    private readonly Dictionary<string, string> _reclaimed;

    public PipelineResourceCheck(IConfiguration configuration, IReadOnlyList<DeclaredPipeline> all)
    {
        IConfigurationSection root = configuration.GetSection(EstreamSettingsSchema.SectionName);
        _queues = new QueueNames(configuration);
        _takenOver = ReplicationSection.TakenOver(root.GetSection(ReplicationSection.Key));
        _reclaimed = root.GetSection("Queues").GetChildren().SelectMany(LimitsOf).DistinctBy(limit => limit.Queue)
            .ToDictionary(limit => limit.Queue, limit => limit.Key, StringComparer.Ordinal);
        _maps = [.. root.GetSection("Maps").GetChildren().Select(map => map.Key)];
        _clientMaps = [.. root.GetSection($"{ClientSection.Key}:Maps").GetChildren().Select(map => map.Key)];
        _made = [.. all.Select(pipeline => pipeline.OutputMap).OfType<string>()];
        _transcripts = [.. root.GetSection("Queues").GetChildren().Where(PartySection.Has).Select(queue => queue.Key)];
        _taken = root.GetSection("Adapters").GetChildren()
            .SelectMany(adapter => adapter.GetSection("Mappings").GetChildren().SelectMany(QueuesOf)
                .Select(queue => (Queue: queue, adapter.Key)))
            .Where(use => !string.IsNullOrEmpty(use.Queue)).DistinctBy(use => use.Queue)
            .ToDictionary(use => use.Queue!, use => use.Key, StringComparer.Ordinal);
    }

    public IEnumerable<SchemaDiagnostic> Check(string file, IEnumerable<DeclaredPipeline> pipelines) =>
        pipelines.SelectMany(pipeline => ErrorsOf(pipeline).Select(message =>
        new SchemaDiagnostic(PipelineCodes.Place, file, pipeline.Position, $"the pipeline '{pipeline.Name}' {message}")));

    private static IEnumerable<(string Queue, string Key)> LimitsOf(IConfigurationSection queue) => new[] { "RetainedBytes", "RetainedAge" }
        .Where(key => queue[key] is not (null or "" or "0" or AgeSchema.BySchema or AgeSchema.ForEver))
        .Select(key => (queue.Key, key));

    private static IEnumerable<string?> QueuesOf(IConfigurationSection mapping) =>
        mapping.GetSection("SubLexes").GetChildren().Select(subLex => subLex.Value).Prepend(mapping["Queue"]);

    private IEnumerable<string> ErrorsOf(DeclaredPipeline pipeline)
    {
        string[] written = [.. pipeline.QueuesWritten, .. pipeline.Timer is null ? Array.Empty<string>() : [pipeline.Source]];
        IEnumerable<string> read = new[] { pipeline.Source, pipeline.JoinedQueue }.OfType<string>();
        foreach (string queue in read.Concat(written).Where(queue => !_queues.Contains(queue)).Distinct())
        {
            yield return _queues.WhyNot(queue);
        }

        foreach (string queue in written)
        {
            if (queue == HostConfiguration.DeadLetters)
            {
                yield return $"writes to {ScalarSchema.Quote(queue)}, which is reserved for adapters. Name another queue.";
            }
            else if (_taken.TryGetValue(queue, out string? adapter))
            {
                yield return $"writes to {ScalarSchema.Quote(queue)}, which a mapping of the adapter {adapter} writes too. Name another "
                    + "queue.";
            }
            else if (_takenOver.Contains(queue, StringComparer.Ordinal))
            {
                yield return ReplicationSection.WhyNotWritten(queue);
            }
        }

        if (pipeline is { IsLog: true, OutputQueue: { } log } && _reclaimed.TryGetValue(log, out string? limit))
        {
            yield return $"writes a log to {ScalarSchema.Quote(log)}, which retains all messages. Remove "
                + $"{EstreamSettingsSchema.SectionName}:Queues:{log}:{limit}, or use 'stream_pattern: event'. A queue that was a log "
                + $"keeps its messages until you run 'estream queue remove-tailer {log} {EsfLog.TailerPrefix}'.";
        }

        foreach ((string section, string[] defined) in new[] { ("Maps", _maps), ($"{ClientSection.Key}:Maps", _clientMaps) })
        {
            if (pipeline.OutputMap is { } map && defined.Contains(map, StringComparer.Ordinal))
            {
                yield return $"creates the map {ScalarSchema.Quote(map)}, which {EstreamSettingsSchema.SectionName}:{section} already "
                    + "defines. Name another map.";
            }
        }

        if (pipeline.Transcript is { } transcript && !_transcripts.Contains(transcript, StringComparer.Ordinal))
        {
            yield return $"takes part in the sessions of {ScalarSchema.Quote(transcript)}, but the host is no party of them. Set "
                + $"{EstreamSettingsSchema.SectionName}:Queues:{transcript}:{PartySection.Key}.";
        }

        foreach (string lookup in pipeline.Lookups.Where(lookup =>
            !_maps.Contains(lookup, StringComparer.Ordinal) && !_made.Contains(lookup, StringComparer.Ordinal)))
        {
            string[] known = [.. _maps.Concat(_made)];
            yield return $"reads the map {ScalarSchema.Quote(lookup)}, which neither {EstreamSettingsSchema.SectionName}:Maps nor a "
                + "pipeline defines."
                + $"{Suggestion.For(lookup, known)} Maps: {string.Join(", ", known)}.";
        }
    }
}
