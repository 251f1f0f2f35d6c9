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
