using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Estream.Host.Components;
using Estream.Host.Runtime;
using Estream.Marketplace.Publishing;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Estream.Host.Tests.Components;

/// <summary>An adapter of this repository as a component, installed into a workspace from its build output, and a host that runs
/// it.</summary>
internal sealed class ProductAdapterCase : IDisposable
{
    /// <summary>The version in the repository, and a later one.</summary>
    public const string First = "0.1.0", Second = "0.1.1";

    /// <summary>The name of the adapter in the host.</summary>
    public const string Adapter = "component";

    private readonly TempDirectory _directory = new();
    private readonly string _laidOut;

    /// <param name="kind">The kind of adapter.</param>
    public ProductAdapterCase(string kind)
    {
        _laidOut = AdapterComponents.FolderOf(kind);
        Name = "wire-" + kind;
        Directory.CreateDirectory(Combine("workspace"));
        Install(First);
    }

    /// <summary>The component.</summary>
    public string Name { get; }

    public string Data => Combine("data");

    public void Dispose() => _directory.Dispose();

    public string Combine(params string[] parts) => _directory.Combine(parts);

    /// <summary>Packs the adapter as this version and installs it.</summary>
    public void Install(string version)
    {
        string folder = Combine("source-" + version);
        Copy(_laidOut, folder, version);
        ComponentFolder read = ComponentFolder.Read(folder);
        Assert.True(read.Package is not null, string.Join('\n', read.Errors));
        ComponentInstaller.Install(read.Package, Combine("workspace"), Combine("cache"));
    }

    /// <summary>A host with the component and only the adapters that are added, not started yet.</summary>
    /// <param name="add">Adds the queues and other parts.</param>
    /// <param name="settings">The settings of the adapter.</param>
    public IHost Build(Action<EstreamBuilder> add, params (string Key, string Value)[] settings)
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        EstreamBuilder estream = builder.Services.AddEstream().UseData(Data).UseComponents(Combine("workspace"), Combine("cache"));
        add(estream);
        estream.AddComponentAdapter(Adapter, Name, Settings(Adapter, settings));
        return builder.Build();
    }

    /// <summary>Creates the settings of an adapter, with the path that they would have in a configuration file.</summary>
    public static WireSettings Settings(string adapter, params (string Key, string Value)[] settings) =>
        new($"Estream:Adapters:{adapter}", settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)));

    /// <summary>The number of messages in a queue.</summary>
    public int Count(string queue)
    {
        int count = 0;
        using EstreamQueue opened = EstreamQueue.OpenReadOnly(Path.Combine(Data, "queues", queue));
        using QueueTailer tailer = opened.CreateTailer();
        while (tailer.TryRead(out _))
        {
            count++;
        }

        return count;
    }

    /// <summary>Runs the host with the first version of the component, then updates it to the second version. Each version must store a
    /// message. The type of the adapter must come from the component, and the code of the first version must be unloaded at the
    /// end.</summary>
    /// <param name="host">The host.</param>
    /// <param name="send">Sends a message and returns when it is stored; called once for each version, with 1 and 2.</param>
    public async Task AssertUpdatesAsync(IHost host, Func<int, Task> send)
    {
        // The code of an earlier test may not be collected yet.
        WeakReference[] earlier = LoadContexts.Of($"{Name} {First}");
        host.Services.GetRequiredService<AdapterUpdater>().TrialLimit = Eventually.DefaultLimit;
        await host.StartAsync();
        await send(1);
        WeakReference[] old = LoadContexts.Of($"{Name} {First}", earlier);
        Assert.Single(old);
        Assert.Equal($"{Name} {First}", ContextOfAdapter(host));
        Install(Second);
        ComponentUpdate update = await host.Services.GetRequiredService<ComponentUpdates>().UpdateAsync(Adapter);
        Assert.True(update.Status == ComponentUpdateStatus.Updated, update.Detail);
        await send(2);
        Assert.Equal($"{Name} {Second}", ContextOfAdapter(host));
        LoadContexts.AwaitEnd(old);
        await host.StopAsync();
    }

    /// <summary>Copies a component as another version.</summary>
    public static void Copy(string from, string to, string version)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        string manifest = Path.Combine(to, "estream-component.toml");
        File.WriteAllText(manifest,
            LineFileVersion.Replaced(File.ReadAllText(manifest), $"version = \"{First}\"", $"version = \"{version}\""));
    }

    // A separate method, so that no reference to the adapter stays on the stack of the caller.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string? ContextOfAdapter(IHost host)
    {
        IWireAdapter adapter = host.Services.GetRequiredService<HostState>().Parts!.Adapters.Single(one => one.Name == Adapter).Adapter;
        return AssemblyLoadContext.GetLoadContext(adapter.GetType().Assembly)?.Name;
    }
}
