using Estream.Circuits.Operations;
using Estream.Host.Runtime;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>Checks the queues and maps of the operations of circuits.</summary>
internal sealed class OperationCheck
{
    private readonly QueueNames _queues;
    private readonly string[] _maps;
    private readonly string[] _clientMaps;
    private readonly IConfigurationSection _replication;
    private readonly IReadOnlyList<string> _takenOver;

    /// <param name="configuration">The configuration.</param>
    /// <param name="made">The maps that pipelines create.</param>
    public OperationCheck(IConfiguration configuration, IEnumerable<string> made)
    {
        IConfigurationSection root = configuration.GetSection(EstreamSettingsSchema.SectionName);
        _queues = new QueueNames(configuration);
        _replication = root.GetSection(ReplicationSection.Key);
        _takenOver = ReplicationSection.TakenOver(_replication);
        _maps = [.. root.GetSection("Maps").GetChildren().Select(map => map.Key), .. made];
        _clientMaps = [.. root.GetSection($"{ClientSection.Key}:Maps").GetChildren().Select(map => map.Key)];
    }

    /// <summary>Returns the errors of an operation, each as the rest of a sentence about its circuit.</summary>
    public IEnumerable<string> ErrorsOf(CircuitOperation operation)
    {
        foreach (string queue in new[] { operation.Queue, operation.Feed }.OfType<string>().Where(queue => !_queues.Contains(queue)))
        {
            yield return $"its operation '{operation}' {_queues.WhyNot(queue)}";
        }

        foreach (string queue in new[] { operation.QueueWritten, operation.Feed }.OfType<string>().Distinct()
            .Where(queue => _takenOver.Contains(queue, StringComparer.Ordinal)))
        {
            yield return $"its operation '{operation}' {ReplicationSection.WhyNotWritten(queue)}";
        }

        if (operation.Map is { } map && _maps.Contains(map, StringComparer.Ordinal))
        {
            yield return $"its operation '{operation}' names the map {ScalarSchema.Quote(map)}, which follows a queue or a pipeline. Name "
                + "another map; the host creates it.";
        }
        else if (operation.Map is { } taken && _clientMaps.Contains(taken, StringComparer.Ordinal))
        {
            yield return $"its operation '{operation}' names the map {ScalarSchema.Quote(taken)}, which clients write "
                + $"({EstreamSettingsSchema.SectionName}:{ClientSection.Key}:Maps). Name another map; the host creates it.";
        }

        bool isAuto = ReplicationSection.IsAuto(_replication);
        if (operation.Replica is not null && _replication.Exists()
            && ReplicationPlan.WhyNot(operation, isAuto, Names("Publish", "Follow"), Names("PublishMaps", "FollowMaps")) is { } reason)
        {
            yield return $"its operation '{operation}' replicates through the cluster of {_replication.Path}, {reason}";
        }
    }

    private IEnumerable<string> Names(params string[] lists) =>
        lists.SelectMany(list => _replication.GetSection(list).GetChildren()).Select(name => name.Value).OfType<string>();
}
