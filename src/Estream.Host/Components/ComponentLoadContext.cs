using System.Reflection;
using System.Runtime.Loader;

namespace Estream.Host.Components;

/// <summary>
/// The assemblies of one component, which end with it. What the host and a component speak with each other is the host's own; everything
/// else comes from the memory in which the component's files were hashed, so that what runs is what was checked, whatever becomes of the
/// files. A context keeps versions apart. It keeps nobody from anything: what is loaded here may do all that the process may.
/// </summary>
internal sealed class ComponentLoadContext(string name, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> assemblies)
    : AssemblyLoadContext(name, isCollectible: true)
{
    // Types that go from one to the other have to be the same for both: the contract of adapters and all that is named in it, and the parts
    // that lie below.
    private static readonly HashSet<string> s_shared = new(StringComparer.OrdinalIgnoreCase)
    {
        "Estream.Core", "Estream.Crypto", "Estream.Queue", "Estream.Map", "Estream.Esf.Schema", "Estream.Esf", "Estream.Streams",
        "Estream.Witness", "Estream.Circuits", "Estream.Wire",
    };

    private readonly Lock _lock = new();

    /// <summary>Loads an assembly of the component.</summary>
    /// <exception cref="BadImageFormatException">It is none.</exception>
    /// <exception cref="FileNotFoundException">It is not among those of the component.</exception>
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

        // A name is asked for from many places, and can be loaded once. What is loaded is asked of the base: from its unloading on until
        // its code is gone the runtime holds this object, so that a field with an assembly of its own in it would hold that code for ever.
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
