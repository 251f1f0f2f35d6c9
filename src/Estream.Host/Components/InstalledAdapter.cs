using Estream.Marketplace;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Workspaces;

namespace Estream.Host.Components;

/// <summary>A wire adapter of a workspace, read whole and found to be what the lock says. Immutable.</summary>
/// <param name="Locked">What the lock says of it.</param>
/// <param name="Manifest">What it says of itself.</param>
/// <param name="Adapter">What of that is about adapters.</param>
/// <param name="Assemblies">The assemblies of its folder by simple name: the bytes whose hash was compared with the lock.</param>
internal sealed record InstalledAdapter(
    LockedComponent Locked, ComponentManifest Manifest, AdapterDetails Adapter, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Assemblies)
{
    public ComponentName Name => Locked.Name;

    /// <summary>Whether it asks to append to a queue, and may therefore.</summary>
    public bool MayAppend(string queue) => Asks("append", queue);

    /// <summary>Whether it asks to read a queue, and may therefore.</summary>
    public bool MayRead(string queue) => Asks("read", queue);

    public override string ToString() => Locked.ToString();

    private bool Asks(string verb, string queue) =>
        Manifest.Permissions.Any(permission => permission.Kind == "queue" && (permission.Target == $"{verb}.{queue}" || permission.Target == $"{verb}.*"));
}
