using Estream.Host.Runtime;

namespace Estream.Host.Components;

/// <summary>Updates component adapters to the versions in their workspace while the host runs. A service of the host's container.
/// Thread-safe: updates run one at a time.</summary>
public sealed class ComponentUpdates
{
    private readonly AdapterUpdater _updater;

    internal ComponentUpdates(AdapterUpdater updater) => _updater = updater;

    /// <summary>
    /// Reads the lock of the workspace, verifies and loads the version it names, drains and stops the running version, and starts the new
    /// version. If the new version does not become as healthy as the old one was, restarts the old version.
    /// </summary>
    /// <param name="adapter">The name of the adapter in the configuration.</param>
    /// <param name="cancellation">Cancels the wait for other updates; an update that has started runs to completion.</param>
    /// <exception cref="ArgumentException">There is no adapter of this name, or the adapter is not a component.</exception>
    /// <exception cref="InvalidOperationException">The host is not running.</exception>
    public Task<ComponentUpdate> UpdateAsync(string adapter, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(adapter);
        return _updater.UpdateAsync(adapter, cancellation);
    }
}

/// <summary>The outcome of an adapter update.</summary>
public enum ComponentUpdateStatus
{
    /// <summary>The version in the workspace is already running.</summary>
    Unchanged,

    /// <summary>The new version is running and continues where the old version stopped.</summary>
    Updated,

    /// <summary>The new version was refused; the old version kept running without interruption.</summary>
    Refused,

    /// <summary>The new version failed to start or was not healthy; the old version is running again.</summary>
    Restored,

    /// <summary>Neither version is running: the new version failed to start, and so did the old one.</summary>
    Failed,
}

/// <summary>The outcome of an adapter update, with the reason.</summary>
/// <param name="Adapter">The name of the adapter.</param>
/// <param name="Status">The outcome.</param>
/// <param name="Before">The component and version that ran before, such as <c>@acme/doors 1.0.0</c>.</param>
/// <param name="Now">The component and version running now; if none is running, the one that ran before.</param>
/// <param name="Detail">One sentence for the operator; never empty.</param>
public sealed record ComponentUpdate(string Adapter, ComponentUpdateStatus Status, string Before, string Now, string Detail);
