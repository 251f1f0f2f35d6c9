using System.Text;
using Estream.Marketplace.Client;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Tests.Trust.Log;
using Estream.Marketplace.Trust.Roles;
using Estream.Marketplace.Workspaces;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Client;

/// <summary>A workspace, a cache, and a registry in a directory with a card adapter that needs a schema pack.</summary>
internal sealed class ClientRig : IDisposable
{
    private readonly TempDirectory _folder = new();

    public ClientRig()
    {
        Registry = PublishedRegistry.Create(Clock);
        Anchor = new TrustAnchor(Registry.RootFile);
        Directory = new DirectoryRegistry(Combine("registry"));
        Workspace = new WorkspaceFolder(Combine("workspace"));
    }

    public ManualClock Clock { get; } = ManualClock.At("2026-11-23 06:33");

    public PublishedRegistry Registry { get; }

    public DirectoryRegistry Directory { get; }

    public WorkspaceFolder Workspace { get; }

    /// <summary>The trust anchor: the first root.</summary>
    public TrustAnchor Anchor { get; }

    /// <summary>The store of the client's trusted state.</summary>
    public TrustStore Seen => new(Combine("seen"));

    public ComponentCache Cache => new(Combine("cache"));

    public static PublishedRelease Card(string version = "1.0.0", params string[] permissions) =>
        new($"@acme/card {version}", ["esf-iot ^1.2"], permissions, requires: ["IoTReading"]);

    public static PublishedRelease Iot(string version = "1.2.0") => new($"esf-iot {version}", provides: ["IoTReading"]);

    public static WorkspaceManifest Manifest(string components) =>
        WorkspaceManifest.Read(Encoding.UTF8.GetBytes("[components]\n" + components)).Manifest!;

    public string Combine(params string[] parts) => _folder.Combine(parts);

    public Task PublishAsync(params PublishedRelease[] releases) => Registry.PublishAsync([Directory], releases);

    public RegistrySet Registries(IComponentRegistry? place = null)
    {
        TrustedRegistry trusted = new(place ?? Directory, Anchor, Seen);
        return new RegistrySet([KeyValuePair.Create("", trusted), KeyValuePair.Create("@acme", trusted)], null);
    }

    public MarketplaceClient Client(IComponentRegistry? place = null, WorkspaceFolder? workspace = null, ComponentCache? cache = null) =>
        new(Registries(place), workspace ?? Workspace, cache ?? Cache, Clock);

    public Task<WorkspacePlan> PlanAsync(string components = "\"@acme/card\" = \"^1\"\n", bool isUpdate = false) =>
        Client().PlanAsync(Manifest(components), isUpdate ? _ => true : null, null, CancellationToken.None);

    /// <summary>Installs and approves everything.</summary>
    public async Task<WorkspaceInstallResult> InstallAsync(string components = "\"@acme/card\" = \"^1\"\n", bool isUpdate = false)
    {
        WorkspacePlan plan = await PlanAsync(components, isUpdate);
        Assert.True(plan.IsReady, plan.Message);
        return await Client().ApplyAsync(plan, isApproved: true, null, CancellationToken.None);
    }

    /// <summary>Asserts that the registry is not trusted and the workspace is unchanged.</summary>
    public async Task UntrustedAsync(params string[] parts)
    {
        EstreamRegistryException refused = await Assert.ThrowsAsync<EstreamRegistryException>(() => PlanAsync());
        Assert.Equal(RegistryFault.Untrusted, refused.Fault);
        Assert.All(parts, part => Assert.Contains(part, refused.Message, StringComparison.Ordinal));
        Assert.False(File.Exists(Workspace.LockPath));
    }

    /// <summary>Asserts that the plan is refused because of the registry's content and the workspace is unchanged.</summary>
    public async Task RefusedAsync(WorkspacePlanStatus status, params string[] parts) => Refused(await PlanAsync(), status, parts);

    public void Refused(WorkspacePlan plan, WorkspacePlanStatus status, params string[] parts)
    {
        Assert.Equal((status, false), (plan.Status, plan.IsReady));
        Assert.All(parts, part => Assert.Contains(part, plan.Message, StringComparison.Ordinal));
        Assert.False(File.Exists(Workspace.LockPath));
    }

    public void Dispose()
    {
        Registry.Dispose();
        _folder.Dispose();
    }
}
