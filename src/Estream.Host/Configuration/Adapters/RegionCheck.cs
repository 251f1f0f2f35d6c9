using Estream.Host.Runtime;
using Estream.Queue;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>
/// Checks that nothing sends the messages of a queue out of its region: the cluster that replicates the queue, multicast, and what adapters
/// of the queue write besides the queue, which are dead letters and journals of FIX sessions.
/// </summary>
internal static class RegionCheck
{
    private const string Setting = "Region";

    /// <summary>Adds an error for each queue that would leave its region.</summary>
    public static void Check(IConfigurationSection root, SettingErrors errors)
    {
        IConfigurationSection replication = root.GetSection(ReplicationSection.Key);
        IReadOnlyList<string> published = ReplicationSection.NamesIn(replication, "Publish");
        foreach (IConfigurationSection queue in root.GetSection("Queues").GetChildren()
            .Where(queue => queue[Setting] is { Length: > 0 }))
        {
            string region = queue[Setting]!;
            CheckMulticast(root, queue.Key, region, errors);
            if (StreamRegion.Contains(region, replication[Setting]))
            {
                continue;
            }

            string place = replication[Setting] is { Length: > 0 } other ? $"is in {ScalarSchema.Quote(other)}" : "has no Region";
            if (published.Contains(queue.Key, StringComparer.Ordinal))
            {
                errors.Add(queue.GetSection(Setting).Path, $"is {ScalarSchema.Quote(region)}, but {replication.Path} publishes the queue "
                    + $"and {place}. Do not publish the queue, or set {replication.GetSection(Setting).Path} to a region inside this one.");
            }

            CheckAdapters(root, queue, place, published, errors);
        }
    }

    private static void CheckMulticast(IConfigurationSection root, string queue, string region, SettingErrors errors)
    {
        foreach (IConfigurationSection multicast in root.GetSection(MulticastSections.Key).GetChildren()
            .Where(multicast => multicast["Publish"] == queue))
        {
            errors.Add(multicast.GetSection("Publish").Path, $"is {ScalarSchema.Quote(queue)}, which is marked for region "
                + $"{ScalarSchema.Quote(region)}. Multicast cannot tell where its receivers are. Remove the section.");
        }
    }

    private static void CheckAdapters(
        IConfigurationSection root, IConfigurationSection queue, string place, IReadOnlyList<string> published, SettingErrors errors)
    {
        foreach (IConfigurationSection adapter in root.GetSection("Adapters").GetChildren()
            .Where(adapter => adapter.GetSection("Mappings").GetChildren().Any(mapping => Feeds(mapping, queue.Key))))
        {
            bool hasDeadLetterRegion = root.GetSection("Queues").GetSection(HostConfiguration.DeadLetters)[Setting] is { Length: > 0 };
            if (!hasDeadLetterRegion && published.Contains(HostConfiguration.DeadLetters, StringComparer.Ordinal))
            {
                errors.Add(queue.GetSection(Setting).Path, $"is set, but refused messages of {adapter.Path} go to "
                    + $"{HostConfiguration.DeadLetters}, which {ReplicationSection.Key} publishes. Do not publish that queue.");
            }

            foreach (IConfigurationSection session in adapter.GetSection("Sessions").GetChildren()
                .Where(session => session["Journal"] is { Length: > 0 } && string.IsNullOrEmpty(session["JournalKeyFile"])))
            {
                if (ReplicationSection.IsAuto(root.GetSection(ReplicationSection.Key)))
                {
                    errors.Add(session.GetSection("Journal").Path, $"is set, and the journal has the messages of {queue.Path}. The journal "
                        + $"is replicated, and {ReplicationSection.Key} {place}. Remove the journal, or replicate inside the region.");
                }
            }
        }
    }

    private static bool Feeds(IConfigurationSection mapping, string queue) =>
        mapping["Queue"] == queue || mapping.GetSection("SubLexes").GetChildren().Any(subLex => subLex.Value == queue);
}
