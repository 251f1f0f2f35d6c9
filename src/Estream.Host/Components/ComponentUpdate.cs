namespace Estream.Host.Components;

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
