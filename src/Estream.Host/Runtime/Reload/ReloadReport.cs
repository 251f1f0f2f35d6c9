using System.Text.Json.Serialization;

namespace Estream.Host.Runtime;

/// <summary>The result of a reload.</summary>
/// <param name="Status">One of <see cref="ReloadStatus"/>.</param>
internal sealed record ReloadReport(string Status)
{
    // An audit record has 1,024 characters, also for the result of the request.
    private const int AuditChars = 900;

    /// <summary>The configuration file that was read; null for a host that was configured by code.</summary>
    public string? File { get; init; }

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

    /// <summary>Whether all parts of the host follow the file, or can.</summary>
    [JsonIgnore]
    public bool IsDone => IsAccepted && Errors.Count == 0;

    /// <summary>Status, reasons and changes in one line, for the log.</summary>
    [JsonIgnore]
    public string Summary => Details is { Length: > 0 } details ? $"{Status}: {string.Join("; ", details)}" : Status;

    /// <summary>The summary in texts that audit records do not cut. A reload that has changed nothing has one text, which a record may
    /// cut, because a file may have any number of errors.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> AuditDetails
    {
        get
        {
            if (Status is not (ReloadStatus.Applied or ReloadStatus.RolledBack))
            {
                return [Summary];
            }

            List<string> texts = [Status];
            string separator = ": ";
            foreach (string detail in Details)
            {
                if (separator == "; " && texts[^1].Length + detail.Length > AuditChars)
                {
                    texts.Add($"{Status}, continued");
                    separator = ": ";
                }

                texts[^1] += separator + detail;
                separator = "; ";
            }

            return texts;
        }
    }

    private string[] Details =>
    [
        .. Errors.Select(error => error.Trim()),
        .. Restarts.Select(restart => $"{restart.Key} needs a restart"),
        .. Changes.Select(change => change.ToString()),
    ];
}

/// <summary>The values of <see cref="ReloadReport.Status"/>.</summary>
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
