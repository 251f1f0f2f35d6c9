using Estream.Host.Runtime;

namespace Estream.Host.Components;

/// <summary>Brings adapters that are components to what their workspace says now, while the host runs. A service of the host's container.
/// Thread-safe: updates take turns.</summary>
public sealed class ComponentUpdates
{
    private readonly AdapterUpdater _updater;

    internal ComponentUpdates(AdapterUpdater updater) => _updater = updater;

    /// <summary>
    /// Reads the lock of the workspace, checks and loads the version it names, lets the running one drain and stop, and starts the other in
    /// its place. Where that does not come to be as well as the old one was, the old one is started again.
    /// </summary>
    /// <param name="adapter">The name its configuration gives the adapter.</param>
    /// <param name="cancellation">Ends the wait for one's turn; an update that has begun is brought to its end.</param>
    /// <exception cref="ArgumentException">There is no adapter of this name, or it is no component.</exception>
    /// <exception cref="InvalidOperationException">The host does not run yet, or not any more.</exception>
    public Task<ComponentUpdate> UpdateAsync(string adapter, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(adapter);
        return _updater.UpdateAsync(adapter, cancellation);
    }
}

/// <summary>What became of an update of an adapter.</summary>
public enum ComponentUpdateStatus
{
    /// <summary>What the workspace says runs already.</summary>
    Unchanged,

    /// <summary>The new version runs, and goes on where the old one ended.</summary>
    Updated,

    /// <summary>The new version was refused before anything was stopped; the old one was not disturbed.</summary>
    Refused,

    /// <summary>The new version could not be started, or was not well, and the old one runs again.</summary>
    Restored,

    /// <summary>Neither runs: the new version could not be started, nor the old one again.</summary>
    Failed,
}

/// <summary>What became of an update of an adapter, with the reason.</summary>
/// <param name="Adapter">The adapter.</param>
/// <param name="Status">The one word.</param>
/// <param name="Before">The component and version that ran, as in <c>@acme/doors 1.0.0</c>.</param>
/// <param name="Now">The one that runs now; where none does, the one that did.</param>
/// <param name="Detail">One sentence for the person who has to act; never empty.</param>
public sealed record ComponentUpdate(string Adapter, ComponentUpdateStatus Status, string Before, string Now, string Detail);
