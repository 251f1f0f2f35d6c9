using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.RegularExpressions;
using Estream.Core;
using Estream.Host.Http;

namespace Estream.Host.Widgets;

/// <summary>The dashboards that the consoles share: one file for each in a folder, docs/formats/dashboard.md. Thread-safe.</summary>
/// <param name="directory">The folder; created with the first dashboard.</param>
/// <param name="storage">The storage of the folder.</param>
internal sealed partial class DashboardFolder(string directory, IStorage storage)
{
    /// <summary>The maximum number of dashboards.</summary>
    public const int MaxDashboards = 256;

    /// <summary>The maximum size of a dashboard.</summary>
    public const int MaxBytes = 64 << 10;

    private const string Extension = ".json";

    private readonly Lock _writer = new();

    // What the list shows of each file, with the length and the time of the file that was read.
    private readonly ConcurrentDictionary<string, (long Length, DateTime Time, StoredDashboard Dashboard)> _listed = new();

    /// <summary>Returns whether a text can be the name of a dashboard, and so of a file.</summary>
    public static bool IsName([NotNullWhen(true)] string? text) => text is not null && Name().IsMatch(text);

    /// <summary>Lists the dashboards in the order of their names, without their contents. Other files of the folder are skipped. Reads only
    /// files that have changed.</summary>
    /// <exception cref="EstreamStorageException">The folder cannot be listed.</exception>
    public IReadOnlyList<StoredDashboard> List() =>
        [.. Names().Take(MaxDashboards).Select(ReadIfChanged).OfType<StoredDashboard>()];

    /// <summary>Reads a dashboard. A damaged file is returned with its error.</summary>
    /// <param name="name">A name of <see cref="IsName"/>.</param>
    /// <returns>Null if the dashboard does not exist.</returns>
    public StoredDashboard? Read(string name)
    {
        string path = PathOf(name);
        try
        {
            FileKind kind = FileKinds.Of(path);
            if (kind == FileKind.Missing)
            {
                return null;
            }

            if (kind != FileKind.Regular)
            {
                return StoredDashboard.Damaged(name, [], $"'{path}' is not a regular file. Remove it.");
            }

            byte[] json = new byte[MaxBytes + 1];
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            json = json[..file.ReadAtLeast(json, json.Length, throwOnEndOfStream: false)];
            return json.Length > MaxBytes
                ? StoredDashboard.Damaged(name, json, $"'{path}' has more than {MaxBytes} bytes. Restore it from a copy, or delete it.")
                : StoredDashboard.Of(name, json, path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or EstreamStorageException)
        {
            return StoredDashboard.Damaged(name, [], $"'{path}' cannot be read: {failure.Message}");
        }
    }

    /// <summary>Creates or replaces a dashboard. The file is durable when the method returns.</summary>
    /// <param name="name">A name of <see cref="IsName"/>.</param>
    /// <param name="json">A dashboard without errors.</param>
    /// <param name="expected">The tag of the present version; null if the dashboard must not exist.</param>
    /// <exception cref="EstreamStorageException">The disk is full, or the folder may not be written. The dashboard is
    /// unchanged.</exception>
    public DashboardChange Write(string name, ReadOnlyMemory<byte> json, string? expected)
    {
        lock (_writer)
        {
            string? present = Read(name)?.Tag;
            if (present != expected)
            {
                return new DashboardChange(DashboardOutcome.OtherVersion, present);
            }

            if (present is null && Names().Count() >= MaxDashboards)
            {
                return new DashboardChange(DashboardOutcome.TooMany, null);
            }

            storage.CreateDirectory(directory);
            storage.WriteDurably(PathOf(name), json.Length, file => file.Write(0, json.Span));
            _listed.TryRemove(name, out _);
            return new DashboardChange(DashboardOutcome.Done, EntityTags.Of(json.Span));
        }
    }

    /// <summary>Deletes a dashboard.</summary>
    /// <param name="name">A name of <see cref="IsName"/>.</param>
    /// <param name="expected">The tag of the present version.</param>
    /// <exception cref="EstreamStorageException">The folder may not be written.</exception>
    public DashboardChange Delete(string name, string expected)
    {
        lock (_writer)
        {
            string? present = Read(name)?.Tag;
            if (present is null || present != expected)
            {
                return new DashboardChange(DashboardOutcome.OtherVersion, present);
            }

            storage.Delete(PathOf(name));
            storage.SyncDirectory(directory);
            _listed.TryRemove(name, out _);
            return new DashboardChange(DashboardOutcome.Done, null);
        }
    }

    private StoredDashboard? ReadIfChanged(string name)
    {
        FileInfo file = new(PathOf(name));
        (long length, DateTime time) = file.Exists ? (file.Length, file.LastWriteTimeUtc) : default;
        if (_listed.TryGetValue(name, out (long Length, DateTime Time, StoredDashboard Dashboard) listed)
            && (listed.Length, listed.Time) == (length, time))
        {
            return listed.Dashboard;
        }

        StoredDashboard? dashboard = Read(name);
        if (dashboard is null)
        {
            _listed.TryRemove(name, out _);
            return null;
        }

        dashboard = dashboard with { Json = default };
        _listed[name] = (length, time, dashboard);
        return dashboard;
    }

    private IEnumerable<string> Names() =>
        storage.ListFiles(directory, Extension).Select(file => file[..^Extension.Length]).Where(IsName);

    private string PathOf(string name) => Path.Combine(directory, name + Extension);

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,63}\z")]
    private static partial Regex Name();
}

/// <summary>A dashboard as it is stored. Immutable.</summary>
/// <param name="Name">The name.</param>
/// <param name="Title">The title; the name if the file is damaged.</param>
/// <param name="Tag">The entity tag of the content, with its quotes.</param>
/// <param name="Json">The content.</param>
/// <param name="Error">Why the file cannot be used, and what to do; null if the file is valid.</param>
internal sealed record StoredDashboard(string Name, string Title, string Tag, ReadOnlyMemory<byte> Json, string? Error)
{
    public static StoredDashboard Damaged(string name, byte[] json, string error) => new(name, name, EntityTags.Of(json), json, error);

    /// <summary>Reads the content of a file.</summary>
    public static StoredDashboard Of(string name, byte[] json, string path)
    {
        try
        {
            using JsonDocument parsed = JsonDocument.Parse(json);
            return DashboardSchema.ErrorIn(parsed.RootElement) is { } error
                ? Damaged(name, json, $"'{path}' is not a dashboard: {error} Restore the file from a copy, or delete it.")
                : new StoredDashboard(name, parsed.RootElement.GetProperty("title").GetString()!, EntityTags.Of(json), json, null);
        }
        catch (JsonException invalid)
        {
            return Damaged(name, json, $"'{path}' is not valid JSON: {invalid.Message} Restore the file from a copy, or delete it.");
        }
    }
}

/// <summary>Whether a change of a dashboard was made.</summary>
internal enum DashboardOutcome
{
    /// <summary>The change is durable.</summary>
    Done,

    /// <summary>The dashboard has another version, or does not exist; nothing was changed.</summary>
    OtherVersion,

    /// <summary>The folder already has the maximum number of dashboards.</summary>
    TooMany,
}

/// <summary>The result of a change of a dashboard.</summary>
/// <param name="Outcome">Whether the change was made.</param>
/// <param name="Tag">The entity tag of the present version; null if there is none.</param>
internal readonly record struct DashboardChange(DashboardOutcome Outcome, string? Tag);
