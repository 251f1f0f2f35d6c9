using System.Globalization;
using Estream.Client;
using Estream.Host.Runtime;
using Estream.Queue;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>
/// Replaces the section of each partitioned queue by one section per partition, and the name of the queue in the lists of the replication
/// by the names of its partitions. All later checks and parts see ordinary queues. Errors name the settings as the operator wrote them.
/// </summary>
internal static class PartitionedSections
{
    /// <summary>The setting of a queue with the number of its partitions. The section of each partition contains it too.</summary>
    public const string Setting = "Partitions";

    /// <summary>The maximum number of queues and partitions.</summary>
    private const int MaxQueues = 2048;

    private const int MaxNameLength = NamedObjectsSchema.MaxNameLength - PartitionName.SuffixLength;

    public static IntegerSchema Schema { get; } = new(1, PartitionedQueue.MaxPartitions);

    /// <summary>Returns the configuration with the sections of partitions.</summary>
    /// <param name="written">The configuration as the operator wrote it.</param>
    /// <param name="errors">Receives errors, and learns which settings the new sections stand for.</param>
    public static IConfigurationRoot Expand(IConfigurationRoot written, SettingErrors errors)
    {
        IConfigurationSection root = written.GetSection(EstreamSettingsSchema.SectionName);
        IConfigurationSection[] queues = [.. root.GetSection("Queues").GetChildren()];
        Dictionary<string, int> partitioned = new(StringComparer.Ordinal);
        int count = queues.Length;
        foreach (IConfigurationSection queue in queues)
        {
            if (CountOf(queue.GetSection(Setting)) is { } partitions && IsValid(queue, partitions, queues, errors))
            {
                partitioned.Add(queue.Key, partitions);
                count += partitions - 1;
            }
        }

        if (count > MaxQueues)
        {
            errors.Add($"{root.Path}:Queues", $"has {count} queues and partitions; the maximum is {MaxQueues}. Use fewer partitions.");
            return written;
        }

        Dictionary<string, string?> values = written.AsEnumerable().ToDictionary(StringComparer.OrdinalIgnoreCase);
        foreach (IConfigurationSection queue in queues.Where(queue => partitioned.ContainsKey(queue.Key)))
        {
            Replace(queue, queue.Path, partitioned[queue.Key], values, errors);
        }

        ExpandReplication(root.GetSection(ReplicationSection.Key), partitioned, values, errors);
        return errors.HasExpansions ? new ConfigurationBuilder().AddInMemoryCollection(values).Build() : written;
    }

    /// <summary>Returns the number of partitions of each partitioned queue, and of each followed copy of one.</summary>
    /// <param name="root">The section <c>Estream</c> of an expanded configuration.</param>
    public static IReadOnlyDictionary<string, int> Read(IConfigurationSection root)
    {
        Dictionary<string, int> partitioned = new(StringComparer.Ordinal);
        foreach (IConfigurationSection queue in root.GetSection("Queues").GetChildren())
        {
            if (CountOf(queue.GetSection(Setting)) is { } count && PartitionName.TryParse(queue.Key, out string name, out _))
            {
                partitioned[name] = count;
            }
        }

        foreach (IConfigurationSection copy in root.GetSection($"{ReplicationSection.Key}:{Setting}").GetChildren())
        {
            partitioned[copy.Key] = CountOf(copy) ?? 1;
        }

        return partitioned;
    }

    private static int? CountOf(IConfigurationSection setting) =>
        int.TryParse(setting.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
        && count is >= 1 and <= PartitionedQueue.MaxPartitions ? count : null;

    private static bool IsValid(IConfigurationSection queue, int partitions, IConfigurationSection[] queues, SettingErrors errors)
    {
        int before = errors.Count;
        string setting = $"{queue.Path}:{Setting}";
        if (queue.Key == HostConfiguration.DeadLetters)
        {
            errors.Add(setting, "is set, but refused messages have no key. Remove this setting.");
        }

        if (queue.Key.Length > MaxNameLength)
        {
            errors.Add(queue.Path, $"has a name of {queue.Key.Length} characters; the name of a partitioned queue has at most "
                + $"{MaxNameLength}, because the names of its partitions are longer. Choose a shorter name.");
        }

        if (queue[CircuitAddresses.Key] is { Length: > 0 })
        {
            errors.Add($"{queue.Path}:{CircuitAddresses.Key}", $"is set, and so is {setting}. An address names one queue. Remove one of "
                + "the two keys.");
        }

        foreach (IConfigurationSection other in queues)
        {
            if (PartitionName.TryParse(other.Key, out string name, out int number) && number < partitions
                && name.Equals(queue.Key, StringComparison.OrdinalIgnoreCase))
            {
                errors.Add(other.Path, $"has the name of a partition of {queue.Path}. Choose another name; a partition has the settings of "
                    + "its queue.");
            }
        }

        return errors.Count == before;
    }

    private static void Replace(
        IConfigurationSection section, string path, int partitions, Dictionary<string, string?> values, SettingErrors errors)
    {
        KeyValuePair<string, string?>[] keys = [.. section.AsEnumerable(makePathsRelative: true)];
        values.Remove(path);
        foreach ((string key, _) in keys)
        {
            values.Remove($"{path}:{key}");
        }

        for (int partition = 0; partition < partitions; partition++)
        {
            string expanded = PartitionName.Of(path, partition);
            values[expanded] = section.Value;
            errors.Redirect(expanded, path);
            foreach ((string key, string? value) in keys)
            {
                values[$"{expanded}:{key}"] = value;
            }
        }
    }

    private static void ExpandReplication(
        IConfigurationSection section, Dictionary<string, int> published, Dictionary<string, string?> values, SettingErrors errors)
    {
        Dictionary<string, int> followed = new(StringComparer.Ordinal);
        IReadOnlyList<string> copies = ReplicationSection.NamesIn(section, "Follow");
        foreach (IConfigurationSection copy in section.GetSection(Setting).GetChildren())
        {
            if (!copies.Contains(copy.Key, StringComparer.Ordinal))
            {
                errors.Add(copy.Path, $"is set, but {section.Path}:Follow does not name the queue. Add it to Follow, or remove this key. "
                    + $"The partitions of a queue of this host are set in {EstreamSettingsSchema.SectionName}:Queues:NAME:{Setting}.");
            }
            else if (CountOf(copy) is { } count)
            {
                followed.Add(copy.Key, count);
            }
        }

        foreach ((string list, Dictionary<string, int> partitioned) in new[] { ("Publish", published), ("Follow", followed) })
        {
            foreach (IConfigurationSection name in section.GetSection(list).GetChildren()
                .Where(name => name.Value is { } queue && partitioned.ContainsKey(queue)))
            {
                values.Remove(name.Path);
                for (int partition = 0; partition < partitioned[name.Value!]; partition++)
                {
                    string expanded = PartitionName.Of(name.Path, partition);
                    values[expanded] = PartitionName.Of(name.Value!, partition);
                    errors.Redirect(expanded, name.Path);
                }
            }
        }
    }
}
