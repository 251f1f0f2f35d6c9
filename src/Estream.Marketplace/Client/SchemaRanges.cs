using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Toml;
using Estream.Marketplace.Workspaces;

namespace Estream.Marketplace.Client;

/// <summary>Checks that the chosen schema providers have versions that the requiring components accept. The accepted ranges are in the
/// manifests of the chosen components, not in the registry indexes.</summary>
internal static class SchemaRanges
{
    /// <summary>Compares the chosen set with the manifests of the components in the cache.</summary>
    /// <returns>The conflict and what to do, or null.</returns>
    public static string? Conflict(WorkspaceLock chosen, ComponentCache cache)
    {
        foreach (LockedComponent component in chosen.Components)
        {
            byte[]? bytes = AtomicFile.Read(FileStorage.Instance, Path.Combine(cache.FolderOf(component.Root256), PackagePath.Manifest),
                TomlLimits.MaxBytes);
            ComponentManifest? manifest = bytes is null ? null : ManifestReader.Read(bytes).Manifest;
            foreach (SchemaRequirement need in manifest?.RequiredSchemas ?? [])
            {
                LockedComponent? provider = manifest!.ProvidedSchemas.Contains(need.Schema)
                    ? null
                    : chosen.Schemas.TryGetValue(need.Schema, out ComponentName? name) ? chosen.Find(name) : null;
                if (provider is not null && !need.Range.Contains(provider.Version))
                {
                    return $"{component} needs the schema {need.Schema} in version {need.Range}, but {provider} was chosen to provide it. "
                        + $"Require a version of {provider.Name} in this range in [components] of {WorkspaceManifest.FileName}.";
                }
            }
        }

        return null;
    }
}
