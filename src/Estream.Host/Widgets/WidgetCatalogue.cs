using System.Diagnostics.CodeAnalysis;
using Estream.Core;
using Estream.Host.Components;
using Estream.Host.Http;

namespace Estream.Host.Widgets;

/// <summary>
/// The widgets and themes of the workspace that pass the checks of <see cref="ComponentWorkspace"/>, with their files in memory. Looks for
/// changes of the lock, of the list of revoked components and of the cache when a caller reads it, at most once a second; no task runs in
/// between. Thread-safe.
/// </summary>
/// <param name="workspace">The workspace; null if the host has none.</param>
/// <param name="time">The clock.</param>
internal sealed class WidgetCatalogue(ComponentWorkspace? workspace, TimeProvider time) : IWidgetGrants
{
    /// <summary>How long a change may stay unnoticed.</summary>
    public static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private volatile WidgetSnapshot? _current;
    private long _checkedAt;
    private string? _announced;
    private long _frames;

    /// <summary>Whether the host has a workspace.</summary>
    public bool HasWorkspace => workspace is not null;

    /// <summary>The documents of frames that were served.</summary>
    public long Frames => Interlocked.Read(ref _frames);

    /// <summary>Counts a served document of a frame.</summary>
    public void CountFrame() => Interlocked.Increment(ref _frames);

    /// <summary>The widgets and themes as of at most <see cref="CheckInterval"/> ago. Reads the packages again if something has changed;
    /// other callers get the earlier state meanwhile. Never throws.</summary>
    public WidgetSnapshot Current
    {
        get
        {
            if (_current is { } current)
            {
                if (time.GetElapsedTime(Volatile.Read(ref _checkedAt)) < CheckInterval || !_lock.TryEnter())
                {
                    return current;
                }
            }
            else
            {
                _lock.Enter();
            }

            try
            {
                return Check();
            }
            finally
            {
                _lock.Exit();
            }
        }
    }

    /// <inheritdoc/>
    public bool TryFind(string component, [NotNullWhen(true)] out WidgetGrant? grant, [NotNullWhen(false)] out string? reason)
    {
        WidgetSnapshot current = Current;
        grant = current.Widgets.GetValueOrDefault(component)?.Grant;
        reason = grant is null ? current.WhyNot(component) : null;
        return grant is not null;
    }

    /// <summary>Sends an event to the connected consoles if the widgets have changed since the last call.</summary>
    public void Announce(EventHub hub)
    {
        WidgetSnapshot current = Current;
        if (Interlocked.Exchange(ref _announced, current.Tag) != current.Tag)
        {
            hub.Publish(EventKind.Widgets, current.Event);
        }
    }

    private WidgetSnapshot Check()
    {
        // Another caller may have waited for the first check.
        if (_current is { } current && time.GetElapsedTime(_checkedAt) < CheckInterval)
        {
            return current;
        }

        Volatile.Write(ref _checkedAt, time.GetTimestamp());
        if (_current is { } loaded && IsFresh(loaded))
        {
            return loaded;
        }

        return _current = Load();
    }

    // Each stamp is taken before the files are read, so a change during the reading is noticed by the next check.
    private bool IsFresh(WidgetSnapshot loaded) => workspace is null
        || (loaded.Stamp == workspace.StampOfLists() && loaded.Folders.All(folder => folder.Value == workspace.StampOfFiles(folder.Key)));

    private WidgetSnapshot Load()
    {
        if (workspace is null)
        {
            return new WidgetSnapshotBuilder("").Build(null);
        }

        WidgetSnapshotBuilder builder = new(workspace.StampOfLists());
        try
        {
            builder.Add(workspace);
            return builder.Build(null);
        }
        catch (Exception failure) when (failure is EstreamException or IOException or UnauthorizedAccessException)
        {
            return builder.Build(failure.Message);
        }
    }
}
