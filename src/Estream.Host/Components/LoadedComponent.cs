using System.Reflection;
using Estream.Marketplace;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Workspaces;
using Estream.Wire;

namespace Estream.Host.Components;

/// <summary>A component loaded into this process: its load context and its factory. Disposing unloads the context; the code is collected
/// once no object of the component is referenced.</summary>
internal sealed class LoadedComponent : IDisposable
{
    private readonly ComponentLoadContext _context;
    private int _isDisposed;

    private LoadedComponent(InstalledAdapter installed, ComponentLoadContext context, IWireAdapterFactory factory) =>
        (Installed, _context, Factory) = (installed, context, factory);

    public InstalledAdapter Installed { get; }

    public IWireAdapterFactory Factory { get; }

    /// <summary>Loads the code of a component and creates its factory. No other code of the component runs.</summary>
    /// <param name="installed">The component.</param>
    /// <param name="key">The setting that names the component, for error messages.</param>
    /// <exception cref="WireConfigurationException">The component cannot be loaded, or its factory does not match its manifest.</exception>
    public static LoadedComponent Load(InstalledAdapter installed, string key)
    {
        ComponentLoadContext context = new(installed.ToString(), installed.Assemblies);
        try
        {
            IWireAdapterFactory factory = MakeFactory(installed, context);
            return factory.Descriptor.Type == installed.Adapter.Protocol
                ? new LoadedComponent(installed, context, factory)
                : throw new InvalidOperationException(
                    $"its factory creates adapters of type '{factory.Descriptor.Type}', but its manifest has protocol = "
                    + $"\"{installed.Adapter.Protocol}\"");
        }
        catch (Exception failure)
        {
            // Third-party code may throw anything; only this component is affected.
            context.Unload();
            Exception cause = failure is TargetInvocationException { InnerException: { } inner } ? inner : failure;
            throw new WireConfigurationException(key,
                $"{installed} cannot be loaded: {cause.Message} Ask its publisher for a version for this host, or roll back to the "
                + "previous version.", cause);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _context.Unload();
        }
    }

    private static IWireAdapterFactory MakeFactory(InstalledAdapter installed, ComponentLoadContext context)
    {
        Assembly assembly = context.LoadOwn(Path.GetFileNameWithoutExtension(installed.Adapter.Assembly));
        Type type = assembly.GetType(installed.Adapter.Factory, throwOnError: false)
            ?? throw new InvalidOperationException(
                $"{installed.Adapter.Assembly} has no type {installed.Adapter.Factory}, which the manifest names as the factory.");
        return Activator.CreateInstance(type) as IWireAdapterFactory
            ?? throw new InvalidOperationException(
                $"{installed.Adapter.Factory} does not implement {nameof(IWireAdapterFactory)} of the host's "
                + $"{typeof(IWireAdapterFactory).Assembly.GetName()}.");
    }
}

/// <summary>A wire adapter of a workspace whose files were read and verified against the lock. Immutable.</summary>
/// <param name="Locked">The entry of the component in the lock.</param>
/// <param name="Manifest">The manifest of the component.</param>
/// <param name="Adapter">The adapter section of the manifest.</param>
/// <param name="Assemblies">The assemblies of the component by simple name: the same bytes whose hash was compared with the lock.</param>
internal sealed record InstalledAdapter(
    LockedComponent Locked, ComponentManifest Manifest, AdapterDetails Adapter,
    IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Assemblies)
{
    public ComponentName Name => Locked.Name;

    /// <summary>Whether the component has the permission to append to a queue.</summary>
    public bool MayAppend(string queue) => Asks("queue", "append", queue);

    /// <summary>Whether the component has the permission to read a queue.</summary>
    public bool MayRead(string queue) => Asks("queue", "read", queue);

    /// <summary>Whether the component has the permission to read a map.</summary>
    public bool MayReadMap(string map) => Asks("map", "read", map);

    public override string ToString() => Locked.ToString();

    private bool Asks(string kind, string verb, string name) =>
        Manifest.Permissions.Any(permission =>
            permission.Kind == kind && (permission.Target == $"{verb}.{name}" || permission.Target == $"{verb}.*"));
}
