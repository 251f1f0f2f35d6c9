using System.Globalization;
using Estream.Host.Configuration;
using Estream.Queue;

namespace Estream.Host.Runtime;

/// <summary>The difference between the configuration of a running host and its file, part by part.</summary>
/// <param name="Changes">The parts to add, change and remove.</param>
/// <param name="Restarts">The settings that cannot change while the host runs. If there are any, nothing changes.</param>
internal sealed record ReloadPlan(IReadOnlyList<ReloadChange> Changes, IReadOnlyList<RestartSetting> Restarts)
{
    private const string QueuesSection = "Queues";

    // The settings of an open queue that can change.
    private static readonly string[] s_adjustable = ["UsesReserve", "RetainedBytes", "RetainedAge", "Durability"];

    /// <summary>The names of the parts of one kind with one of several actions.</summary>
    public IEnumerable<string> Names(string kind, params IReadOnlyList<string> actions) =>
        Changes.Where(change => change.Kind == kind && actions.Contains(change.Action)).Select(change => change.Name);

    /// <summary>Compares two configurations.</summary>
    /// <param name="before">The file that the host has applied.</param>
    /// <param name="after">The file now.</param>
    /// <param name="running">The configuration of the host.</param>
    /// <param name="next">The configuration of the host that the file now describes.</param>
    /// <param name="parts">The open parts of the host.</param>
    public static ReloadPlan Between(LoadedConfiguration before, LoadedConfiguration after, HostConfiguration running,
        HostConfiguration next, HostComponents parts)
    {
        ReloadChange[] maps = [.. MapChanges(running, next)];
        ReloadChange[] changes = [.. QueueChanges(running, next), .. maps, .. AdapterChanges(running, next, parts, maps),
            .. AlertChanges(running.Alerts, next.Alerts)];
        RestartSetting[] restarts =
        [
            .. ChangedKeys(before.File.Written, after.File.Written).Where(key => NeedsRestart(key, before.File.Written, after.File.Written))
                .Select(key => new RestartSetting(key, "")),
            .. ChangedFiles(before, after),
            .. changes.Select(change => WhyRestart(change, running, next, parts)).OfType<RestartSetting>(),
        ];
        return new ReloadPlan(
            changes,
            [.. restarts.DistinctBy(restart => restart.Key, StringComparer.OrdinalIgnoreCase)
                .OrderBy(restart => restart.Key, StringComparer.OrdinalIgnoreCase)]);
    }

    private static IEnumerable<string> ChangedKeys(IConfiguration before, IConfiguration after)
    {
        Dictionary<string, string?> old = ValuesOf(before), now = ValuesOf(after);

        // A section has no value. An empty section such as "state": {} can still name a part.
        bool IsEmpty(string key) => !(old.ContainsKey(key) ? before : after).GetSection(key).GetChildren().Any();
        return old.Keys.Union(now.Keys, StringComparer.OrdinalIgnoreCase)
            .Where(key => old.GetValueOrDefault(key) != now.GetValueOrDefault(key)
                || (old.ContainsKey(key) != now.ContainsKey(key) && IsEmpty(key)));
    }

    // All other sections come from environment variables, which cannot change while the host runs.
    private static Dictionary<string, string?> ValuesOf(IConfiguration configuration) =>
        new[] { EstreamSettingsSchema.SectionName, "Logging" }
            .SelectMany(section => configuration.GetSection(section).AsEnumerable()).ToDictionary(StringComparer.OrdinalIgnoreCase);

    private static bool NeedsRestart(string key, IConfiguration before, IConfiguration after)
    {
        string[] levels = key.Split(':');
        return levels.Length < 2 || levels[0] != EstreamSettingsSchema.SectionName || levels[1] switch
        {
            // The files and parts are compared instead of the keys: adapters and maps determine which schema files they need.
            "Schemas" or "Adapters" or "Maps" or AlertSection.Key => false,
            QueuesSection when levels.Length > 3 => !s_adjustable.Contains(levels[3], StringComparer.OrdinalIgnoreCase)
                && HasQueue(before, levels[2]) && HasQueue(after, levels[2]),
            QueuesSection => false,
            _ => true,
        };
    }

    // The queue of dead letters exists without a section. Exists() is false for an empty section.
    private static bool HasQueue(IConfiguration configuration, string name) => name == HostConfiguration.DeadLetters
        || configuration.GetSection($"{EstreamSettingsSchema.SectionName}:{QueuesSection}").GetChildren()
            .Any(queue => queue.Key.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<RestartSetting> ChangedFiles(LoadedConfiguration before, LoadedConfiguration after)
    {
        // File names are unique, because the data folder contains a copy of each schema file under its name.
        Dictionary<string, string> texts =
            before.Schemas.Files.ToDictionary(file => Path.GetFileName(file.Name), file => file.Text, StringComparer.Ordinal);
        foreach (string name in after.Schemas.Files.Where(file => texts.TryGetValue(Path.GetFileName(file.Name), out string? text)
            && text != file.Text).Select(file => file.Name))
        {
            yield return new RestartSetting($"{EstreamSettingsSchema.SectionName}:Schemas", $"The file '{name}' has changed.");
        }

        foreach ((string file, (string setting, string hash)) in after.PipelineHashes)
        {
            if (!before.PipelineHashes.TryGetValue(file, out (string Setting, string Hash) old) || old.Hash != hash)
            {
                yield return new RestartSetting(setting, $"The file '{file}' is new or has changed.");
            }
        }

        foreach ((string file, (string setting, _)) in before.PipelineHashes.Where(old => !after.PipelineHashes.ContainsKey(old.Key)))
        {
            yield return new RestartSetting(setting, $"The file '{file}' is not read any more.");
        }
    }

    private static RestartSetting? WhyRestart(
        ReloadChange change, HostConfiguration running, HostConfiguration next, HostComponents parts)
    {
        string section = $"{EstreamSettingsSchema.SectionName}:{change.Kind switch
        {
            ReloadChange.Queue => QueuesSection,
            ReloadChange.Map => "Maps",
            _ => "Adapters",
        }}:{change.Name}";
        string? reason = parts.Quarantined.FirstOrDefault(part => part.Kind == change.Kind && part.Name == change.Name) is not null
            ? "The part is in quarantine."
            : change.Kind switch
            {
                ReloadChange.Map when parts.SharesMap(change.Name) => "A pipeline, a circuit or a replica uses the map.",
                ReloadChange.Queue when change.Action == ReloadChange.Removed && parts.SharesQueue(change.Name) =>
                    "A pipeline or a circuit uses the queue.",
                ReloadChange.Queue when change.Action == ReloadChange.Removed && running.Data.PartitionOf(change.Name) is not null =>
                    "Consumer groups use the partitions of the queue.",
                ReloadChange.Queue when change.Action == ReloadChange.Changed
                    && (IsQuorum(running.Queues[change.Name]) || IsQuorum(next.Queues[change.Name]))
                    && running.Queues[change.Name].IngressDurability != next.Queues[change.Name].IngressDurability =>
                    "Appenders wait for the brokers.",
                _ => null,
            };
        return reason is null ? null : new RestartSetting(section, reason);
    }

    private static bool IsQuorum(QueueOptions options) =>
        options.IngressDurability == Durability.Quorum || options.IngressDurability == Durability.QuorumAndFlush;

    private static IEnumerable<ReloadChange> QueueChanges(HostConfiguration running, HostConfiguration next)
    {
        foreach ((string name, QueueOptions now) in next.Queues)
        {
            if (!running.Queues.TryGetValue(name, out QueueOptions? was))
            {
                yield return new ReloadChange(ReloadChange.Queue, name, ReloadChange.Added);
            }
            else if (string.Join(' ', LimitChanges(was, now)) is { Length: > 0 } detail)
            {
                yield return new ReloadChange(ReloadChange.Queue, name, ReloadChange.Changed) { Detail = detail };
            }
        }

        foreach (string name in running.Queues.Keys.Where(name => !next.Queues.ContainsKey(name)))
        {
            yield return new ReloadChange(ReloadChange.Queue, name, ReloadChange.Removed)
            {
                Detail = $"The files stay in '{running.Data.Queue(name)}'.",
            };
        }
    }

    // The defaults depend on the adapters that feed the queue, and on their schemas.
    private static IEnumerable<string> LimitChanges(QueueOptions was, QueueOptions now)
    {
        if (now.IngressDurability != was.IngressDurability)
        {
            yield return $"Durability: {was.IngressDurability} becomes {now.IngressDurability}.";
        }

        if (now.RetainedAge != was.RetainedAge)
        {
            yield return $"RetainedAge: {AgeOf(was)} becomes {AgeOf(now)}.";
        }

        if (now.RetainedBytes != was.RetainedBytes)
        {
            yield return $"RetainedBytes: {was.RetainedBytes} becomes {now.RetainedBytes}.";
        }
    }

    private static string AgeOf(QueueOptions options) => options.RetainedAge == TimeSpan.Zero
        ? "forever"
        : string.Create(CultureInfo.InvariantCulture, $"{options.RetainedAge.TotalHours:0.##} h");

    private static IEnumerable<ReloadChange> MapChanges(HostConfiguration running, HostConfiguration next)
    {
        foreach (MapPlan map in running.Maps.Values.Where(map => !next.Maps.ContainsKey(map.Name)))
        {
            yield return new ReloadChange(ReloadChange.Map, map.Name, ReloadChange.Removed)
            {
                Detail = $"The files stay in '{running.Data.Map(map.Name)}', and queue {map.Queue} retains the messages that the map has "
                    + $"not read. To end this: estream queue remove-tailer {map.Queue} {map.ReaderName}",
            };
        }

        foreach (MapPlan map in next.Maps.Values)
        {
            if (!running.Maps.TryGetValue(map.Name, out MapPlan? old))
            {
                yield return new ReloadChange(ReloadChange.Map, map.Name, ReloadChange.Added);
            }
            else if (map != old)
            {
                yield return new ReloadChange(ReloadChange.Map, map.Name, ReloadChange.Changed)
                {
                    Detail = $"The map is built again from queue {map.Queue}.",
                };
            }
        }
    }

    private static IEnumerable<ReloadChange> AlertChanges(AlertPlan running, AlertPlan next)
    {
        foreach (AlertRule rule in running.Rules.Where(rule => next.Rules.All(other => other.Name != rule.Name)))
        {
            yield return new ReloadChange(ReloadChange.Alert, rule.Name, ReloadChange.Removed);
        }

        foreach (AlertRule rule in next.Rules.Except(running.Rules))
        {
            bool isOld = running.Rules.Any(other => other.Name == rule.Name);
            yield return new ReloadChange(ReloadChange.Alert, rule.Name, isOld ? ReloadChange.Changed : ReloadChange.Added);
        }

        if (running.Webhook != next.Webhook)
        {
            yield return new ReloadChange(ReloadChange.AlertWebhook, (next.Webhook ?? running.Webhook)!.Place,
                running.Webhook is null ? ReloadChange.Added : next.Webhook is null ? ReloadChange.Removed : ReloadChange.Changed);
        }
    }

    private static IEnumerable<ReloadChange> AdapterChanges(
        HostConfiguration running, HostConfiguration next, HostComponents parts, IReadOnlyCollection<ReloadChange> maps)
    {
        foreach (string name in running.Adapters.Keys.Where(name => !next.Adapters.ContainsKey(name)))
        {
            yield return new ReloadChange(ReloadChange.Adapter, name, ReloadChange.Removed);
        }

        foreach (AdapterPlan adapter in next.Adapters.Values)
        {
            if (!running.Adapters.TryGetValue(adapter.Name, out AdapterPlan? old))
            {
                yield return new ReloadChange(ReloadChange.Adapter, adapter.Name, ReloadChange.Added);
            }
            else if (adapter.Component != old.Component || !adapter.Settings.HasSameValues(old.Settings))
            {
                yield return new ReloadChange(ReloadChange.Adapter, adapter.Name, ReloadChange.Changed);
            }
            else if (parts.Adapters.FirstOrDefault(one => one.Name == adapter.Name) is { } runtime
                && WhyChanged(runtime, adapter, next, maps) is { } reason)
            {
                yield return new ReloadChange(ReloadChange.Adapter, adapter.Name, ReloadChange.Changed) { Detail = reason };
            }
        }
    }

    // Returns why an adapter with the same settings restarts; null if the adapter keeps running.
    private static string? WhyChanged(
        AdapterRuntime runtime, AdapterPlan adapter, HostConfiguration next, IReadOnlyCollection<ReloadChange> maps) =>
        runtime.Component is { } loaded && next.Read(adapter) is var installed
            && installed.Locked.Root256 != loaded.Installed.Locked.Root256
            ? $"{loaded.Installed} becomes {installed}."
        : maps.FirstOrDefault(map => runtime.Maps.ContainsKey(map.Name)) is { } used
            ? $"The adapter reads map {used.Name}."
        : null;
}

/// <summary>A change of one part of the host.</summary>
/// <param name="Kind">The kind of part: <see cref="Queue"/>, <see cref="Map"/>, <see cref="Adapter"/>, <see cref="Alert"/> or
/// <see cref="AlertWebhook"/>.</param>
/// <param name="Name">The name of the part.</param>
/// <param name="Action"><see cref="Added"/>, <see cref="Changed"/> or <see cref="Removed"/>.</param>
internal sealed record ReloadChange(string Kind, string Name, string Action)
{
    public const string Queue = "queue";
    public const string Map = "map";
    public const string Adapter = "adapter";
    public const string Alert = "alert";
    public const string AlertWebhook = "alert webhook";
    public const string Added = "added";
    public const string Changed = "changed";
    public const string Removed = "removed";

    /// <summary>A note for the operator; may be empty.</summary>
    public string Detail { get; init; } = "";

    public override string ToString() => $"{Kind} {Name} {Action}";
}

/// <summary>A setting that cannot change while the host runs.</summary>
/// <param name="Key">The key in the configuration.</param>
/// <param name="Detail">The cause of the change, if it is not the setting itself; may be empty.</param>
internal sealed record RestartSetting(string Key, string Detail);
