using Estream.Client;
using Estream.Host.Runtime;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>The names of the queues in <c>Estream:Queues</c> and of the queue of dead letters, which always exists. Reads the configuration
/// once.</summary>
internal sealed class QueueNames
{
    private readonly HashSet<string> _all;
    private readonly IReadOnlyDictionary<string, int> _partitioned;

    public QueueNames(IConfiguration configuration)
    {
        IConfigurationSection root = configuration.GetSection(EstreamSettingsSchema.SectionName);
        _all = [.. root.GetSection("Queues").GetChildren().Select(queue => queue.Key), HostConfiguration.DeadLetters];
        _partitioned = PartitionedSections.Read(root);
    }

    /// <summary>The names; a partitioned queue has the names of its partitions.</summary>
    public IReadOnlyCollection<string> All => _all;

    public bool Contains(string name) => _all.Contains(name);

    /// <summary>Returns why a setting cannot name a queue, as the rest of a sentence about the setting.</summary>
    /// <param name="name">A name that <see cref="Contains"/> does not know.</param>
    public string WhyNot(string name)
    {
        string start = $"names the queue {ScalarSchema.Quote(name)}, which ";
        return _partitioned.TryGetValue(name, out int count)
            ? $"{start}has {count} partitions. Name a partition, from {PartitionName.Of(name, 0)} to {PartitionName.Of(name, count - 1)}."
            : $"{start}{EstreamSettingsSchema.SectionName}:Queues does not have.{Suggestion.For(name, _all)} Queues: "
                + $"{string.Join(", ", _all.Select(Shown).Distinct())}.";
    }

    // A long list of partitions would hide the other queues.
    private string Shown(string name) =>
        PartitionName.TryParse(name, out string queue, out _) && _partitioned.TryGetValue(queue, out int count)
            ? $"{PartitionName.Of(queue, 0)} to {PartitionName.Of(queue, count - 1)}"
            : name;
}
