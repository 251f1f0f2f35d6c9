using System.Text.Json.Serialization;

namespace Estream.Host.Runtime;

/// <summary>The result of a reload.</summary>
/// <param name="Status">One of <see cref="ReloadStatus"/>.</param>
internal sealed record ReloadReport(string Status)
{
    /// <summary>The changes of parts: made, planned, or undone, according to <see cref="Status"/>.</summary>
    public IReadOnlyList<ReloadChange> Changes { get; init; } = [];

    /// <summary>The changed settings that need a restart of the host.</summary>
    public IReadOnlyList<RestartSetting> Restarts { get; init; } = [];

    /// <summary>Why the reload was refused or undone, one line per error.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>The credentials that adapters have read again.</summary>
    public IReadOnlyList<ReloadedPart> Adapters { get; init; } = [];

    /// <summary>The trusted keys that queues have read again.</summary>
    public IReadOnlyList<ReloadedPart> Queues { get; init; } = [];

    /// <summary>Whether the file describes the running host now, or can be applied.</summary>
    [JsonIgnore]
    public bool IsAccepted => Status is ReloadStatus.Applied or ReloadStatus.Unchanged or ReloadStatus.Planned;

    /// <summary>Status, changes and reasons in one line, for the log and the audit.</summary>
    [JsonIgnore]
    public string Summary
    {
        get
        {
            string[] details =
            [
                .. Changes.Select(change => change.ToString()),
                .. Restarts.Select(restart => $"{restart.Key} needs a restart"),
                .. Errors.Select(error => error.Trim()),
            ];
            return details.Length == 0 ? Status : $"{Status}: {string.Join("; ", details)}";
        }
    }
}

/// <summary>The results of a reload as words.</summary>
internal static class ReloadStatus
{
    /// <summary>The host runs with the new configuration.</summary>
    public const string Applied = "applied";

    /// <summary>The new configuration has the same parts.</summary>
    public const string Unchanged = "unchanged";

    /// <summary>The new configuration can be applied.</summary>
    public const string Planned = "planned";

    /// <summary>Nothing has changed.</summary>
    public const string Refused = "refused";

    /// <summary>A part could not start. The host runs with the old configuration.</summary>
    public const string RolledBack = "rolled-back";
}
