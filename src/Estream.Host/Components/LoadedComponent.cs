using System.Reflection;
using Estream.Marketplace;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Workspaces;
using Estream.Wire;

namespace Estream.Host.Components;

/// <summary>A component whose code is in this process: a load context of its own, and the factory in it. Disposing lets go of it; the code
/// goes once nothing made by it is held any more.</summary>
internal sealed class LoadedComponent : IDisposable
{
    private readonly ComponentLoadContext _context;
    private int _isDisposed;

    private LoadedComponent(InstalledAdapter installed, ComponentLoadContext context, IWireAdapterFactory factory) =>
        (Installed, _context, Factory) = (installed, context, factory);

    public InstalledAdapter Installed { get; }

    public IWireAdapterFactory Factory { get; }

    /// <summary>Loads the code of a component, and runs as much of it as makes its factory.</summary>
    /// <param name="installed">The component.</param>
    /// <param name="key">The setting that names it, for messages.</param>
    /// <exception cref="WireConfigurationException">It cannot be loaded, or has no factory as its manifest says it.</exception>
    public static LoadedComponent Load(InstalledAdapter installed, string key)
    {
        ComponentLoadContext context = new(installed.ToString(), installed.Assemblies);
        try
        {
            IWireAdapterFactory factory = MakeFactory(installed, context);
            return factory.Descriptor.Type == installed.Adapter.Protocol
                ? new LoadedComponent(installed, context, factory)
                : throw new InvalidOperationException(
                    $"its factory makes adapters of type '{factory.Descriptor.Type}', and its manifest says protocol = "
                    + $"\"{installed.Adapter.Protocol}\"");
        }
        catch (Exception failure)
        {
            // Whatever code of others throws, it is this component that cannot be used, and nothing else.
            context.Unload();
            Exception cause = failure is TargetInvocationException { InnerException: { } inner } ? inner : failure;
            throw new WireConfigurationException(key,
                $"{installed} cannot be loaded: {cause.Message} Ask its publisher for a version that fits this host, or go back to the "
                + "one before.", cause);
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
                $"{installed.Adapter.Assembly} has no type {installed.Adapter.Factory}, which its manifest names as its factory.");
        return Activator.CreateInstance(type) as IWireAdapterFactory
            ?? throw new InvalidOperationException(
                $"{installed.Adapter.Factory} is no {nameof(IWireAdapterFactory)} of this host's "
                + $"{typeof(IWireAdapterFactory).Assembly.GetName()}.");
    }
}

/// <summary>A wire adapter of a workspace, read whole and found to be what the lock says. Immutable.</summary>
/// <param name="Locked">What the lock says of it.</param>
/// <param name="Manifest">What it says of itself.</param>
/// <param name="Adapter">What of that is about adapters.</param>
/// <param name="Assemblies">The assemblies of its folder by simple name: the bytes whose hash was compared with the lock.</param>
internal sealed record InstalledAdapter(
    LockedComponent Locked, ComponentManifest Manifest, AdapterDetails Adapter,
    IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Assemblies)
{
    public ComponentName Name => Locked.Name;

    /// <summary>Whether it asks to append to a queue, and may therefore.</summary>
    public bool MayAppend(string queue) => Asks("append", queue);

    /// <summary>Whether it asks to read a queue, and may therefore.</summary>
    public bool MayRead(string queue) => Asks("read", queue);

    public override string ToString() => Locked.ToString();

    private bool Asks(string verb, string queue) =>
        Manifest.Permissions.Any(permission =>
            permission.Kind == "queue" && (permission.Target == $"{verb}.{queue}" || permission.Target == $"{verb}.*"));
}
