using System.Reflection;
using System.Runtime.Loader;

namespace Estream.Host.Components;

/// <summary>
/// The load context of one component, unloaded with the component. Shared contract assemblies come from the host. All other assemblies are
/// loaded from the memory in which the component's files were hashed, so the code that runs is the code that was verified, even if the
/// files change. A context isolates versions. It is not a sandbox: loaded code can do everything the process can.
/// </summary>
internal sealed class ComponentLoadContext(string name, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> assemblies)
    : AssemblyLoadContext(name, isCollectible: true)
{
    // Types passed between host and component must be identical for both: the adapter contract, all types it names, and their dependencies.
    private static readonly HashSet<string> s_shared = new(StringComparer.OrdinalIgnoreCase)
    {
        "Estream.Core", "Estream.Crypto", "Estream.Queue", "Estream.Map", "Estream.Esf.Schema", "Estream.Esf", "Estream.Streams",
        "Estream.Witness", "Estream.Circuits", "Estream.Wire",
    };

    private readonly Lock _lock = new();

    /// <summary>Loads an assembly of the component.</summary>
    /// <exception cref="BadImageFormatException">The file is not an assembly.</exception>
    /// <exception cref="FileNotFoundException">The component has no assembly of this name.</exception>
    public Assembly LoadOwn(string simpleName) =>
        Own(simpleName) ?? throw new FileNotFoundException($"The component has no assembly {simpleName}.");

    protected override Assembly? Load(AssemblyName assemblyName) =>
        assemblyName.Name is { } simple && string.IsNullOrEmpty(assemblyName.CultureName) && !s_shared.Contains(simple)
            ? Own(simple)
            : null;

    private Assembly? Own(string simpleName)
    {
        if (!assemblies.TryGetValue(simpleName, out ReadOnlyMemory<byte> bytes))
        {
            return null;
        }

        // Many callers request the same assembly, but a context can load an assembly only once. Look up loaded assemblies in the base
        // class, not in a field: after Unload the runtime references this object until the code is collected, so a field with an assembly
        // would keep the code loaded forever.
        lock (_lock)
        {
            if (Assemblies.FirstOrDefault(assembly =>
                simpleName.Equals(assembly.GetName().Name, StringComparison.OrdinalIgnoreCase)) is { } loaded)
            {
                return loaded;
            }

            using MemoryStream image = new(bytes.ToArray(), writable: false);
            return LoadFromStream(image);
        }
    }
}
